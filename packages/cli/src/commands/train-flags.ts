/** The flags that say how to train; the options of agent-sdk decide what they may be and what is the default. */
import { autoresetModes, type ResumeOptions, trainingModes } from '@gymwire/agent-sdk';
import { type Command, Option } from 'commander';
import {
  envArgOption,
  episodeLimitOption,
  finiteNumber,
  integer,
  integers,
  type JsonArguments,
} from '../parse-arguments.ts';

export interface OptionFlags {
  readonly env?: string;
  readonly envArg?: JsonArguments;
  readonly maxEpisodeSteps?: number;
  readonly seed?: number;
  readonly steps?: number;
  readonly numEnvs?: number;
  readonly autoreset?: ResumeOptions['autoresetMode'];
  readonly mode?: ResumeOptions['mode'];
  readonly hidden?: readonly number[];
  readonly batchSize?: number;
  readonly lr?: number;
  readonly gamma?: number;
  readonly gradientSteps?: number;
  readonly normalizeObservations?: boolean;
  readonly learningStarts?: number;
  readonly bufferSize?: number;
  readonly explorationNoise?: number;
  readonly checkpointEvery?: number;
  readonly evalEvery?: number;
  readonly evalEpisodes?: number;
  readonly stopAt?: number;
}

export function addOptionFlags(command: Command): Command {
  return command
    .option('--env <id>', 'environment id, such as Pendulum-v1; also chooses the preset')
    .addOption(envArgOption())
    .addOption(episodeLimitOption())
    .option('--seed <number>', 'fixes every draw of the run; default 0', integer(0))
    .option('--steps <number>', 'transitions to collect', integer(1))
    .option('--num-envs <number>', 'environments stepped together; default 1', integer(1))
    .addOption(
      new Option(
        '--autoreset <mode>',
        'how environments start their next episodes; default same-step',
      ).choices(autoresetModes),
    )
    .addOption(
      new Option(
        '--mode <mode>',
        'environments and learner at the same time (the default), or in turns',
      ).choices(trainingModes),
    )
    .option('--hidden <sizes>', 'neurons of each hidden layer, such as 256,256', integers)
    .option('--batch-size <number>', 'transitions in a batch', integer(1))
    .option('--lr <rate>', 'learning rate of actor and critics', finiteNumber)
    .option('--gamma <factor>', 'discount of the next value', finiteNumber)
    .option('--gradient-steps <number>', 'gradient steps for each transition; default 1', finiteNumber)
    .option('--normalize-observations', 'learn from observations of mean 0 and variance 1')
    .option('--learning-starts <steps>', 'transitions with random actions before learning starts', integer(0))
    .option('--buffer-size <number>', 'transitions kept for replay', integer(1))
    .option('--exploration-noise <std>', 'noise on played actions, which lie in [-1, 1]', finiteNumber)
    .option('--checkpoint-every <steps>', 'environment steps between two checkpoints', integer(1))
    .option('--eval-every <steps>', 'environment steps between two evaluations', integer(1))
    .option('--eval-episodes <number>', 'episodes of an evaluation; default 10', integer(1))
    .option('--stop-at <return>', 'stop once an evaluation reaches this mean return', finiteNumber);
}

/** What was not given is undefined: the preset, the default or the resumed run has it. */
export function trainOptions(flags: OptionFlags): ResumeOptions {
  return {
    envId: flags.env,
    envArguments: flags.envArg,
    maxEpisodeSteps: flags.maxEpisodeSteps,
    seed: flags.seed,
    totalEnvSteps: flags.steps,
    numEnvs: flags.numEnvs,
    autoresetMode: flags.autoreset,
    mode: flags.mode,
    hiddenSizes: flags.hidden,
    batchSize: flags.batchSize,
    actorLearningRate: flags.lr,
    criticLearningRate: flags.lr,
    gamma: flags.gamma,
    gradientStepsPerTransition: flags.gradientSteps,
    normalizeObservations: flags.normalizeObservations,
    learningStarts: flags.learningStarts,
    bufferSize: flags.bufferSize,
    explorationNoise: flags.explorationNoise,
    checkpointInterval: flags.checkpointEvery,
    evaluationInterval: flags.evalEvery,
    evaluationEpisodes: flags.evalEpisodes,
    stopAtReturn: flags.stopAt,
  };
}
