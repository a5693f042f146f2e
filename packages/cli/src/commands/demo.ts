import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EvaluationResult,
  evaluatePolicy,
  type LearnerName,
  type TrainResult,
  train,
} from '@gymwire/agent-sdk';
import { createInitialState, type EvaluationMetrics, learnerNames } from '@gymwire/agent-sdk/parts';
import { verifyPolicy } from '@gymwire/exporter';
import { type Command, Option } from 'commander';
import { linkServer, type ServerLink } from '../connection.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { drawLearningCurves } from '../learning-curve.ts';
import { loadPolicy } from '../load-policy.ts';
import { exportCommand, resumeCommand } from '../next-command.ts';
import { type Output, round } from '../output.ts';
import { integer } from '../parse-arguments.ts';
import { createProgressDisplay } from '../progress.ts';
import type { CommandContext } from './command-context.ts';
import { exportRun } from './export.ts';

const envId = 'Pendulum-v1';
/** Pendulum has no official threshold; −200 is what the field calls solved. */
const solvedAt = -200;
/** A margin keeps a lucky evaluation from ending the training: 20 episodes tell the mean to about ±20. */
const stopAt = -170;
const testEpisodes = 20;

interface DemoFlags {
  readonly seed: number;
  readonly out?: string;
  readonly learner: LearnerName;
}

/** The whole walk, for real: serve, train until solved, export, verify, and deploy against the server. */
export function defineDemo(command: Command, { run }: CommandContext): void {
  command
    .option('--seed <number>', 'seed of the run', integer(0), 0)
    .option('--out <folder>', 'where everything is written; default: the first free runs/demo…')
    .addOption(new Option('--learner <name>', 'what computes').choices(learnerNames).default('auto'))
    .action((flags: DemoFlags) => run((output) => demoCommand(flags, output)));
}

async function demoCommand(flags: DemoFlags, output: Output): Promise<ExitCode> {
  const folder = flags.out ?? freeFolder();
  const link = await linkServer({}, output.note);
  const interrupt = onInterrupt(output.note, 'stopping after this step', output.closed);
  const evaluations: EvaluationMetrics[] = [];
  const progress = createProgressDisplay(output);
  let isTrained = false;
  try {
    output.say(`1. serving ${envId} on ${link.connection.address}`);
    output.say('2. training TD3 over gRPC');
    const result = await train({
      options: { envId, seed: flags.seed, stopAtReturn: stopAt, evaluationEpisodes: 20 },
      connection: link.connection,
      learner: flags.learner,
      runFolder: folder,
      signal: interrupt.signal,
      onProgress(event) {
        if (event.type === 'evaluation') evaluations.push(event);
        progress.show(event);
      },
    });
    isTrained = true;
    progress.stop();
    if (result.status === 'interrupted') {
      output.say(`interrupted; go on with: ${resumeCommand(folder, flags)}`);
      return exitCodes.interrupted;
    }
    const paths = {
      policyPath: join(folder, 'policy.onnx'),
      picturePath: join(folder, 'learning-curve.svg'),
    };
    if (result.status !== 'solved') output.say(missedGoal(result, evaluations));
    await draw(evaluations, paths.picturePath);
    const exit = await exportAndVerify(folder, paths.policyPath, interrupt.signal, output);
    if (exit !== exitCodes.success) return exit;
    return await deploy(result, link, paths, interrupt.signal, output);
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    // Once training is over, a resume would have nothing to do.
    const next = `the run is in ${folder}, go on with: ${exportCommand(folder)}`;
    output.say(`interrupted; ${isTrained ? next : 'there is no run yet'}`);
    return exitCodes.interrupted;
  } finally {
    progress.stop();
    interrupt.release();
    await link.close();
  }
}

/** Another processor rounds otherwise, and its training takes another way. */
function missedGoal({ envSteps }: TrainResult, evaluations: readonly EvaluationMetrics[]): string {
  const best = Math.max(...evaluations.map(({ meanReturn }) => meanReturn));
  return `no evaluation reached ${stopAt} in ${envSteps} steps; the best one came to ${round(best)}, and its policy goes on from here`;
}

async function draw(evaluations: readonly EvaluationMetrics[], path: string): Promise<void> {
  const goal = { value: solvedAt, label: `solved: ${solvedAt}` };
  const curves = [{ name: 'mean of its episodes', evaluations }];
  await writeFile(path, await drawLearningCurves(curves, { title: `TD3 on ${envId}`, goal }));
}

/** Throws the signal's reason between two steps. */
async function exportAndVerify(
  folder: string,
  policyPath: string,
  signal: AbortSignal,
  output: Output,
): Promise<ExitCode> {
  signal.throwIfAborted();
  output.say('3. exporting the best policy');
  await exportRun(folder, { out: policyPath }, output);
  signal.throwIfAborted();
  const verified = await verifyPolicy(policyPath);
  if (!verified.ok) {
    output.error(verified.code, verified.message);
    return exitCodes.result;
  }
  output.say(`4. verified: ${verified.golden.count} recorded actions reproduced`);
  return exitCodes.success;
}

/** Throws the signal's reason when it comes. */
async function deploy(
  result: TrainResult,
  link: ServerLink,
  { policyPath, picturePath }: { readonly policyPath: string; readonly picturePath: string },
  signal: AbortSignal,
  output: Output,
): Promise<ExitCode> {
  signal.throwIfAborted();
  output.say(
    `5. deploying ${policyPath} against the server: ${testEpisodes} episodes that no choice was based on`,
  );
  const { connection } = link;
  const policy = await loadPolicy(policyPath);
  let after: EvaluationResult;
  try {
    const { play, trainedOn } = policy;
    after = await evaluatePolicy({ connection, policy: play, trainedOn, episodes: testEpisodes, signal });
  } finally {
    await policy.dispose();
  }
  const sizes = { ...result.options, observationSize: 3, actionSize: 1 };
  const untrained = { ...result.policy, actor: createInitialState(sizes, result.options.seed).actor };
  const before = await evaluatePolicy({ connection, policy: untrained, episodes: testEpisodes, signal });
  output.say('');
  output.say(`return before training ${round(before.meanReturn)} ± ${round(before.stdReturn)}`);
  output.say(
    `return of the ONNX policy ${round(after.meanReturn)} ± ${round(after.stdReturn)} (solved: at least ${solvedAt})`,
  );
  output.say('');
  output.say(`policy   ${policyPath}`);
  output.say(`picture  ${picturePath}`);
  const { envSteps, status } = result;
  output.event('demo', {
    before: before.meanReturn,
    after: after.meanReturn,
    envSteps,
    status,
    policyPath,
    picturePath,
  });
  if (after.meanReturn >= solvedAt) return exitCodes.success;
  output.error('NOT_SOLVED', `expected a return of at least ${solvedAt}, got ${round(after.meanReturn)}`);
  return exitCodes.result;
}

function freeFolder(): string {
  const first = join('runs', 'demo');
  for (let n = 2, folder = first; ; folder = `${first}-${n++}`) {
    if (!existsSync(folder)) return folder;
  }
}
