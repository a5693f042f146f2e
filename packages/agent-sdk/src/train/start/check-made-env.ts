/** An environment as it was made, held against the options: what a policy's file says of it is then true. */
import { isDeepStrictEqual } from 'node:util';
import { Tuple, type Value } from '@gymwire/protocol';
import type { RunEnvironment } from '../../checkpoint/checkpoint.ts';
import { AgentError } from '../../errors.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import { canonicalJson } from '../../options/config-hash.ts';
import type { EnvArgument } from '../../policy/policy-snapshot.ts';
import type { VectorEnv } from '../../rollout/vector-env.ts';

/** What a policy's file says of the environment that it was trained on; see `PolicySnapshot`. */
export interface TrainedOn {
  readonly envId: string;
  readonly envArguments?: Readonly<Record<string, EnvArgument>>;
  readonly maxEpisodeSteps?: number;
  readonly envUnconfirmed?: true;
}

/**
 * The environment of a training.
 * @throws AgentError ENV_MISMATCH naming the option, what it says and what was made; INVALID_OPTION for numEnvs
 */
export function checkTrainingEnv(env: VectorEnv, options: ResolvedTrainOptions): void {
  const { numEnvs, autoresetMode } = options;
  if (env.numEnvs !== numEnvs) {
    throw new AgentError(
      'INVALID_OPTION',
      `numEnvs: the options say ${numEnvs}, the environment was made of ${env.numEnvs}`,
    );
  }
  // With a single environment no mode changes the run; a batch simulator may have no other.
  if (numEnvs > 1 && env.autoresetMode !== autoresetMode && env.batch === undefined) {
    throw mismatch('autoresetMode', autoresetMode, env.autoresetMode);
  }
  checkMade(env, options);
}

/** The environment that evaluations are played on: the training's, though perhaps fewer of it. @throws AgentError ENV_MISMATCH */
export function checkEvaluationEnv(env: VectorEnv, options: ResolvedTrainOptions, training: VectorEnv): void {
  checkMade(env, options);
  for (const space of ['observationSpace', 'actionSpace'] as const) {
    if (isDeepStrictEqual(env[space], training[space])) continue;
    throw new AgentError(
      'ENV_MISMATCH',
      `${space}: that of the evaluation's environment is not that of the training's; makeEnv must make both alike`,
    );
  }
}

/** Describes the environment as it was made; what nobody can say is taken from the options, and marked. */
export function describeTrainedOn(
  { envId, made, maxEpisodeSteps: known }: VectorEnv,
  options: ResolvedTrainOptions,
): TrainedOn {
  const envArguments = made === undefined ? options.envArguments : jsonArguments(made.arguments);
  const maxEpisodeSteps = made?.maxEpisodeSteps ?? known ?? options.maxEpisodeSteps;
  return {
    envId,
    ...(Object.keys(envArguments).length > 0 && { envArguments }),
    ...(maxEpisodeSteps !== null && { maxEpisodeSteps }),
    ...(made === undefined && { envUnconfirmed: true }),
  };
}

/**
 * A resumed run goes on with the environment that it was started on.
 * @param saved undefined: an older version saved the run
 * @throws AgentError ENV_MISMATCH
 */
export function checkSameEnv(saved: RunEnvironment | undefined, now: RunEnvironment): void {
  if (saved === undefined) return;
  const differs = (name: keyof RunEnvironment, wanted: unknown, found: unknown) =>
    new AgentError(
      'ENV_MISMATCH',
      `${name}: the run was started on an environment with ${String(wanted)}, this one has ${String(found)}; ` +
        'resume it where it was started, or start a new run',
    );
  for (const name of ['observationLow', 'observationHigh', 'actionLow', 'actionHigh'] as const) {
    const [before, after] = [saved[name], now[name]];
    const at = before.findIndex((value, i) => value !== after[i]);
    // Numbers of another size are told by whoever takes the state over.
    if (at >= 0 && at < after.length) throw differs(name, `${before[at]} at [${at}]`, after[at]);
  }
  if (saved.maxEpisodeSteps === null || now.maxEpisodeSteps === null) return;
  if (saved.maxEpisodeSteps !== now.maxEpisodeSteps) {
    throw differs('maxEpisodeSteps', saved.maxEpisodeSteps, now.maxEpisodeSteps);
  }
}

/** What an environment is asked to be. */
export type AskedEnv = Pick<ResolvedTrainOptions, 'envId' | 'envArguments' | 'maxEpisodeSteps'>;

/** Holds what was made against what was asked for, where anybody can say what was made. @throws AgentError ENV_MISMATCH */
export function checkMade(env: VectorEnv, options: AskedEnv): void {
  const { envId, made, maxEpisodeSteps: known } = env;
  if (envId !== options.envId) throw mismatch('envId', options.envId, envId);
  const limit = made?.maxEpisodeSteps ?? known;
  if (options.maxEpisodeSteps !== null && limit !== undefined && limit !== options.maxEpisodeSteps) {
    throw mismatch('maxEpisodeSteps', options.maxEpisodeSteps, limit === 0 ? 'no limit' : limit);
  }
  if (made === undefined) return;
  const [wanted, found] = [options.envArguments, jsonArguments(made.arguments)];
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const [asked, given] = [wanted, found].map((all) => (Object.hasOwn(all, name) ? all[name] : undefined));
    if (canonicalJson(asked) !== canonicalJson(given)) {
      throw mismatch(`envArguments.${name}`, asked ?? 'nothing', given ?? 'its default');
    }
  }
}

function mismatch(option: string, wanted: unknown, made: unknown): AgentError {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return new AgentError(
    'ENV_MISMATCH',
    `${option}: the options say ${text(wanted)}, the environment was made with ${text(made)}; ` +
      'the server, or makeEnv, must make what it is asked for',
  );
}

/** What JSON has no word for is told as text: it equals no option. */
function jsonArguments(values: Readonly<Record<string, Value>>): Record<string, EnvArgument> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, jsonArgument(value)]));
}

function jsonArgument(value: Value): EnvArgument {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  const items: readonly Value[] | undefined =
    value instanceof Tuple ? value.items : Array.isArray(value) ? (value as readonly Value[]) : undefined;
  if (items?.every((item) => typeof item === 'number' || typeof item === 'bigint') === true) {
    return items.map(Number);
  }
  return `something that is no argument: ${typeof value}`;
}
