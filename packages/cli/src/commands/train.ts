import { type ProgressEvent, type TrainResult, train } from '@gymwire/agent-sdk';
import {
  learnerNames,
  learnerThreadCounts,
  type NewRun,
  type ResumedRun,
  type ServerAddress,
} from '@gymwire/agent-sdk/parts';
import { type Command, Option } from 'commander';
import { linkServer } from '../connection.ts';
import { defaultRunFolder } from '../default-run-folder.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { exportCommand, resumeCommand } from '../next-command.ts';
import { type Output, round } from '../output.ts';
import { createProgressDisplay } from '../progress.ts';
import { addFleetFlags, connectOptions } from '../server-flags.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandContext } from './command-context.ts';
import { inConfig, withConfig } from './config-flags.ts';
import { inFlags } from './flag-names.ts';
import { addOptionFlags, type TrainFlags, trainOptions } from './train-flags.ts';
import { addSeedsFlags, trainSeedsCommand, wantsSeeds } from './train-seeds.ts';

export function defineTrain(command: Command, { run }: CommandContext): void {
  addSeedsFlags(addFleetFlags(addOptionFlags(command), 'train against'))
    .option(
      '--eval-server <address>',
      'play evaluations there, while training goes on; changes no result; default: where training is, in turns',
    )
    .addOption(new Option('--learner <name>', 'what computes').choices(learnerNames).default('auto'))
    .addOption(
      new Option('--learner-threads <count>', 'of the compiled learner')
        .choices(learnerThreadCounts.map(String))
        .default('auto'),
    )
    .option(
      '--out <folder>',
      'where the run is saved, or the runs; default runs/<env>-seed<seed>, runs/<env>-seeds<list>',
    )
    .option(
      '--config <file>',
      'options and settings from a YAML or JSON file; flags win over it (gymwire presets prints such files)',
    )
    .option('--resume <folder>', 'go on with the run, or the runs of --seeds, in this folder')
    .option('--take-over', 'also when a process elsewhere (another machine, another container) has it')
    .allowExcessArguments()
    .action((given: TrainFlags) =>
      run(async (output) => {
        refuseArguments(command.args, given.env);
        const { flags, config } = await withConfig(command, given);
        for (const note of config?.notes ?? []) output.note(note);
        try {
          const start = (await wantsSeeds(flags)) ? trainSeedsCommand : trainCommand;
          return await start(flags, output, config);
        } catch (thrown) {
          throw inConfig(thrown, config);
        }
      }),
    );
}

/** Commander would only count them, and most are the environment's id. @throws UsageError */
function refuseArguments([first]: readonly string[], env: string | undefined): void {
  if (first === undefined) return;
  const meant = env === undefined ? `; is it the environment? --env ${first}` : '';
  throw new UsageError(`train: expected flags only, got ${JSON.stringify(first)}${meant}`);
}

async function trainCommand(flags: TrainFlags, output: Output): Promise<ExitCode> {
  const goal = runGoal(flags);
  const { runFolder } = goal;
  const link = await linkServer(flags, output.note, flags.resume);
  const interrupt = onInterrupt(
    output.note,
    'stopping after this step; Ctrl-C again ends at once',
    output.closed,
  );
  interrupt.signal.addEventListener('abort', link.stopReconnecting);
  const progress = createProgressDisplay(output);
  let startedAt = 0;
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'start') startedAt = event.envSteps;
    progress.show(event);
  };
  try {
    const result = await train({
      ...goal,
      connection: link.connection,
      evaluationServer: await evaluationServer(flags),
      learner: flags.learner,
      learnerThreads: learnerThreadCounts.find((count) => String(count) === flags.learnerThreads),
      takeOver: flags.takeOver,
      signal: interrupt.signal,
      onProgress,
    });
    progress.stop();
    const best = result.best?.evaluation;
    if (best !== undefined)
      output.say(`best evaluation: ${round(best.meanReturn)} ± ${round(best.stdReturn)}`);
    const { status, envSteps, warnings } = result;
    output.event('result', { status, runFolder, envSteps, best, warnings });
    for (const warning of warnings) {
      output.note(`warning: since step ${warning.envSteps}: ${warning.message}`);
    }
    output.say(`the run is in ${runFolder}`);
    noteNothingDone(result, startedAt, output);
    if (result.status !== 'interrupted') {
      output.say(`next: ${exportCommand(runFolder)}`);
      return exitCodes.success;
    }
    output.say(`interrupted; go on with: ${resumeCommand(runFolder, flags)}`);
    return exitCodes.interrupted;
  } catch (thrown) {
    if (interrupt.signal.aborted && thrown === interrupt.signal.reason) {
      output.say('interrupted before the run began');
      return exitCodes.interrupted;
    }
    throw inFlags(thrown, { ...flags });
  } finally {
    progress.stop();
    interrupt.release();
    await link.close();
  }
}

/** With what the other servers are shown and trusted by. */
async function evaluationServer({ evalServer, ...flags }: TrainFlags): Promise<ServerAddress | undefined> {
  return evalServer === undefined ? undefined : { address: evalServer, ...(await connectOptions(flags)) };
}

/** @throws UsageError */
function runGoal(flags: TrainFlags): (NewRun & { readonly runFolder: string }) | ResumedRun {
  const { env, resume, out, seed = 0 } = flags;
  const options = trainOptions({ ...flags });
  if (resume !== undefined) {
    if (out === undefined) return { options, runFolder: resume, resume: true };
    throw new UsageError('train: --resume names the folder already; leave --out away');
  }
  if (env === undefined) {
    throw new UsageError('train: give --env for a new run, or --resume for one that was stopped');
  }
  return { options: { ...options, envId: env }, runFolder: out ?? defaultRunFolder(env, seed) };
}

/** A run that has ended is resumed in vain, unless it is given more to do. */
function noteNothingDone(
  { status, envSteps, options }: TrainResult,
  startedAt: number,
  output: Output,
): void {
  if (startedAt === 0 || startedAt < envSteps || status === 'interrupted') return;
  const more =
    status === 'completed'
      ? `it has all of its ${envSteps} steps; to go on, give more with --steps`
      : `its last evaluation reached ${options.stopAtReturn}; to go on, give another --stop-at`;
  output.note(`nothing was left to do in this run: ${more}`);
}
