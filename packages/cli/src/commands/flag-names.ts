/** What agent-sdk says of options, in the words of whoever gave flags. */
import { AgentError, type AgentErrorCode, type TrainOptions } from '@gymwire/agent-sdk';

/** The flag that sets an option; the others come from presets and defaults only. */
export const flagOf: { readonly [Key in keyof TrainOptions]?: `--${string}` } = {
  envId: '--env',
  envArguments: '--env-arg',
  maxEpisodeSteps: '--max-episode-steps',
  seed: '--seed',
  totalEnvSteps: '--steps',
  numEnvs: '--num-envs',
  autoresetMode: '--autoreset',
  mode: '--mode',
  hiddenSizes: '--hidden',
  batchSize: '--batch-size',
  actorLearningRate: '--lr',
  criticLearningRate: '--lr',
  gamma: '--gamma',
  gradientStepsPerTransition: '--gradient-steps',
  normalizeObservations: '--normalize-observations',
  learningStarts: '--learning-starts',
  bufferSize: '--buffer-size',
  explorationNoise: '--exploration-noise',
  checkpointInterval: '--checkpoint-every',
  evaluationInterval: '--eval-every',
  evaluationEpisodes: '--eval-episodes',
  stopAtReturn: '--stop-at',
};

const aboutOptions: ReadonlySet<AgentErrorCode> = new Set([
  'INVALID_OPTION',
  'CONFIG_MISMATCH',
  'ENV_MISMATCH',
]);

/** The error with flags in the place of options, where it is about these. */
export function inFlags(thrown: unknown): unknown {
  if (!(thrown instanceof AgentError) || !aboutOptions.has(thrown.code)) return thrown;
  const [first = ''] = /^\w+/.exec(thrown.message) ?? [];
  // What a file says is not what was given.
  if (!Object.hasOwn(flagOf, first)) return thrown;
  // Two options of one flag have the same fault.
  const issues = new Set(thrown.message.split('; ').map(renameOptions));
  return new AgentError(thrown.code, [...issues].join('; '), { cause: thrown.cause });
}

function renameOptions(text: string): string {
  return Object.entries(flagOf).reduce((renamed, [option, flag]) => {
    // A plain word may be meant as one, unless it comes first.
    const isName = /[A-Z]/.test(option) ? new RegExp(`\\b${option}\\b`, 'g') : new RegExp(`^${option}\\b`);
    return renamed.replace(isName, flag).replace(`${flag}.`, `${flag} `);
  }, text);
}
