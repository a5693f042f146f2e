import { join } from 'node:path';
import { type TrainOptions, train, trainingModes } from '@gymwire/agent-sdk';
import { type Command, Option } from 'commander';
import { linkServer, remoteEnvs } from '../connection.ts';
import { type LearnerName, learnerFactory, learnerNames } from '../create-learner.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { type Output, round } from '../output.ts';
import { collectArgument, finiteNumber, integer, type JsonArgument } from '../parse-arguments.ts';
import { createProgressDisplay } from '../progress.ts';
import { UsageError } from '../report-error.ts';
import type { CommandContext } from './command-context.ts';

export interface TrainFlags {
  readonly env?: string;
  readonly envArg: Readonly<Record<string, JsonArgument>>;
  readonly server?: string;
  readonly steps?: number;
  readonly seed?: number;
  readonly learner: LearnerName;
  readonly mode?: NonNullable<TrainOptions['mode']>;
  readonly out?: string;
  readonly resume?: string;
  readonly checkpointEvery?: number;
  readonly evalEvery?: number;
  readonly stopAt?: number;
}

export function addTrain(program: Command, { run }: CommandContext): void {
  program
    .command('train')
    .description('train TD3 on an environment')
    .option('--env <id>', 'environment id, such as Pendulum-v1; also chooses the preset')
    .option('--env-arg <name=value>', 'keyword argument of the environment; repeatable', collectArgument, {})
    .option('--server <host:port>', 'server to train against; without it, one of its own')
    .option('--steps <number>', 'environment steps', integer(1))
    .option('--seed <number>', 'fixes every draw of the run; default 0', integer(0))
    .addOption(new Option('--learner <name>', 'what computes').choices(learnerNames).default('auto'))
    .addOption(
      new Option('--mode <name>', 'environments and learner at the same time, or in turns').choices(
        trainingModes,
      ),
    )
    .option('--out <folder>', 'where the run is saved; default runs/<env>-seed<seed>')
    .option('--resume <folder>', 'go on with the run in this folder')
    .option('--checkpoint-every <steps>', 'environment steps between two checkpoints', integer(1))
    .option('--eval-every <steps>', 'environment steps between two evaluations', integer(1))
    .option('--stop-at <return>', 'stop once an evaluation reaches this mean return', finiteNumber)
    .action((flags: TrainFlags) => run((output) => trainCommand(flags, output)));
}

async function trainCommand(flags: TrainFlags, output: Output): Promise<ExitCode> {
  if (flags.resume === undefined && flags.env === undefined) {
    throw new UsageError('train: give --env for a new run, or --resume for one that was stopped');
  }
  if (flags.resume !== undefined && flags.out !== undefined) {
    throw new UsageError('train: --resume names the folder already; leave --out away');
  }
  const { env = '', seed = 0 } = flags;
  const runFolder =
    flags.resume ?? flags.out ?? join('runs', `${env.replaceAll(/[^\w.-]/g, '-')}-seed${seed}`);
  const createLearner = await learnerFactory(flags.learner, output.note);
  const link = await linkServer(flags.server);
  const interrupt = onInterrupt(output.note, 'stopping after this step; Ctrl-C again ends at once');
  const progress = createProgressDisplay(output);
  try {
    const result = await train({
      options: trainOptions(flags),
      makeEnv: remoteEnvs(link),
      createLearner,
      runFolder,
      resume: flags.resume !== undefined,
      signal: interrupt.signal,
      onProgress: progress.show,
    });
    progress.stop();
    const best = result.best?.evaluation;
    if (best !== undefined)
      output.say(`best evaluation: ${round(best.meanReturn)} ± ${round(best.stdReturn)}`);
    output.event('result', { status: result.status, runFolder, envSteps: result.envSteps, best });
    output.say(`the run is in ${runFolder}`);
    if (result.status !== 'interrupted') {
      output.say(`next: gymwire export ${runFolder} --out policy.onnx`);
      return exitCodes.success;
    }
    output.say(`interrupted; go on with: gymwire train --resume ${runFolder}`);
    return exitCodes.interrupted;
  } finally {
    progress.stop();
    interrupt.release();
    await link.close();
  }
}

function trainOptions(flags: TrainFlags): TrainOptions {
  const given = {
    seed: flags.seed,
    mode: flags.mode,
    totalEnvSteps: flags.steps,
    checkpointInterval: flags.checkpointEvery,
    evaluationInterval: flags.evalEvery,
    stopAtReturn: flags.stopAt,
    envArguments: Object.keys(flags.envArg).length === 0 ? undefined : flags.envArg,
  };
  // A resumed run has its own environment; what is given now is checked against it.
  return { envId: flags.env, ...given } as TrainOptions;
}
