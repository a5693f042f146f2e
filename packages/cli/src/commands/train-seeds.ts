/** `train --seeds`, and `train --resume` of what it left: runs with several seeds, each in a process of its own. */
import { AgentError, type AgentErrorCode } from '@gymwire/agent-sdk';
import {
  agentErrorCodes,
  holdsGroup,
  learnerThreadCounts,
  type NewSeeds,
  type ResumedSeeds,
  type SeedRun,
  type SeedsResult,
  trainSeeds,
} from '@gymwire/agent-sdk/parts';
import { type Command, Option } from 'commander';
import { linkServer, reachOptions } from '../connection.ts';
import { defaultGroupFolder } from '../default-run-folder.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { exportCommand, resumeCommand } from '../next-command.ts';
import type { Output } from '../output.ts';
import { integer, seedList } from '../parse-arguments.ts';
import { exitCodeOf } from '../report-error.ts';
import { type SeedEnvsData, seedEnvsModule } from '../seed-envs.ts';
import { createSeedsDisplay } from '../seeds-progress.ts';
import { describeFailures, describeSeeds } from '../seeds-table.ts';
import { UsageError } from '../usage-error.ts';
import { failureInConfig, type UsedConfig } from './config-flags.ts';
import { inFlags } from './flag-names.ts';
import { type TrainFlags, trainOptions } from './train-flags.ts';

export function addSeedsFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--seeds <list>', 'train once with each of these seeds: 0-4, or 0,3,7')
        .argParser(seedList)
        .conflicts('seed'),
    )
    .option(
      '--parallel <count>',
      'runs of --seeds at a time; default: half as many as there are cores, and one at least',
      integer(1),
    );
}

/** Returns whether `train` is asked for several runs. @throws UsageError for flags that only they have */
export async function wantsSeeds({ seeds, parallel, resume }: TrainFlags): Promise<boolean> {
  const isGroup = resume !== undefined && (await holdsGroup(resume));
  if (seeds !== undefined || isGroup) return true;
  if (parallel === undefined) return false;
  throw new UsageError(
    'train: --parallel is about several runs: give --seeds, or the folder of such runs to --resume',
  );
}

export async function trainSeedsCommand(
  flags: TrainFlags,
  output: Output,
  config: UsedConfig | undefined,
): Promise<ExitCode> {
  const goal = groupGoal(flags);
  await checkServer(flags, output);
  const kill = new AbortController();
  const display = createSeedsDisplay(output);
  const interrupt = onInterrupt(
    display.note,
    'stopping every run after its step; Ctrl-C again ends them at once',
    output.closed,
    () => {
      kill.abort();
      display.stop();
      process.exit(exitCodes.interrupted);
    },
  );
  try {
    const result = await trainSeeds({
      ...goal,
      envModule: { module: seedEnvsModule, data: dataOf(flags) },
      parallel: flags.parallel,
      learner: flags.learner,
      learnerThreads: learnerThreadCounts.find((count) => String(count) === flags.learnerThreads),
      takeOver: flags.takeOver,
      signal: interrupt.signal,
      killSignal: kill.signal,
      onEvent(event) {
        display.show(event.type === 'end' ? { ...event, run: inWords(event.run, flags, config) } : event);
      },
    });
    display.stop();
    await report(
      { ...result, runs: result.runs.map((run) => inWords(run, flags, config)) },
      goal.groupFolder,
      flags,
      output,
    );
    return exitOf(result);
  } catch (thrown) {
    if (interrupt.signal.aborted && thrown === interrupt.signal.reason) {
      output.say('interrupted before any run began');
      return exitCodes.interrupted;
    }
    throw inFlags(thrown, { ...flags });
  } finally {
    display.stop();
    interrupt.release();
  }
}

type Goal = (NewSeeds | ResumedSeeds) & { readonly groupFolder: string };

/** @throws UsageError */
function groupGoal(flags: TrainFlags): Goal {
  const { env, resume, out, seeds } = flags;
  const options = trainOptions({ ...flags });
  if (resume !== undefined) {
    const named = [
      ['--out', out],
      ['--seeds', seeds],
      ['--seed', flags.seed],
    ].flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (named.length === 0) return { options, groupFolder: resume, resume: true };
    throw new UsageError(
      `train: ${resume} has its seeds and its place already; leave ${named.join(', ')} away`,
    );
  }
  if (env === undefined || seeds === undefined) {
    throw new UsageError('train: give --env for new runs, or --resume for those that were stopped');
  }
  const groupFolder = out ?? defaultGroupFolder(env, seeds);
  if (groupFolder !== undefined) return { seeds, options: { ...options, envId: env }, groupFolder };
  throw new UsageError('train: --seeds has too many parts to call a folder by them: name one with --out');
}

/** What is wrong with the way to the server is told once, and not by each run. */
async function checkServer(flags: TrainFlags, output: Output): Promise<void> {
  if (flags.evalServer !== undefined) {
    throw new UsageError('train: --eval-server belongs to a single run: leave it or --seeds away');
  }
  if (flags.server === undefined && flags.serversFile === undefined) await reachOptions(flags);
  else await (await linkServer(flags, output.note)).close();
}

/** Whatever says how to reach a server is in it; a secret is in a file, which the run's process reads itself. */
function dataOf(flags: TrainFlags): SeedEnvsData {
  return { flags, ...(flags.resume !== undefined && { source: flags.resume }) };
}

/** A failure by the flags that were given, or by the places in the config file. */
function inWords(run: SeedRun, flags: TrainFlags, config: UsedConfig | undefined): SeedRun {
  if (run.failure === undefined) return run;
  const code = agentErrorCodes.find((one: AgentErrorCode) => one === run.failure?.code);
  const told =
    code === undefined ? undefined : inFlags(new AgentError(code, run.failure.message), { ...flags });
  const message = told instanceof AgentError ? told.message : run.failure.message;
  const placed = config === undefined ? message : failureInConfig(run.failure.code, message, config);
  return { ...run, failure: { ...run.failure, message: placed } };
}

async function report(
  result: SeedsResult,
  groupFolder: string,
  flags: TrainFlags,
  output: Output,
): Promise<void> {
  const { status, runs } = result;
  for (const line of ['', ...describeSeeds(result), '']) output.say(line);
  output.event('seeds', { groupFolder, ...result });
  for (const line of describeFailures(runs)) output.note(line);
  for (const { seed, warnings } of runs) {
    for (const { envSteps, message } of warnings) {
      output.note(`seed ${seed}: warning: since step ${envSteps}: ${message}`);
    }
  }
  if (!(await holdsGroup(groupFolder))) {
    output.say(`no run has begun: nothing was left in ${groupFolder}`);
    return;
  }
  output.say(`the runs are in ${groupFolder}`);
  if (runs.every(({ isUntouched }) => isUntouched) && status === 'completed') {
    output.note('nothing was left to do in these runs: all have ended; to go on, give more with --steps');
  }
  output.say(nextCommand(result, groupFolder, flags));
}

function nextCommand({ status, runs }: SeedsResult, groupFolder: string, flags: TrainFlags): string {
  if (status === 'completed') {
    const best = runs.reduce((a, b) => ((b.bestReturn ?? -Infinity) > (a.bestReturn ?? -Infinity) ? b : a));
    return `next: ${exportCommand(best.runFolder)}`;
  }
  return `go on with: ${resumeCommand(groupFolder, flags)}`;
}

/** Returns the exit code: of failures of several kinds, none has the say. */
function exitOf({ status, runs }: SeedsResult): ExitCode {
  if (status === 'completed') return exitCodes.success;
  if (status === 'interrupted') return exitCodes.interrupted;
  const codes = runs.flatMap(({ failure }) =>
    failure === undefined ? [] : [exitCodeOf(failure.code, failure.cause)],
  );
  const [first = exitCodes.failure] = codes;
  return codes.every((code) => code === first) ? first : exitCodes.failure;
}
