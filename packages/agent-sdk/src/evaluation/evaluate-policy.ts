import type { AutoresetMode } from '@gymwire/protocol';
import {
  checkWhere,
  expectFunctions,
  expectSignal,
  namesOf,
  openConnection,
  refuseOtherNames,
  type ServerOrConnection,
} from '../env-client/open-connection.ts';
import { suitBatch } from '../env-client/suit-batch.ts';
import { untilAborted } from '../env-client/until-aborted.ts';
import { AgentError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import { createSnapshotPolicy } from '../policy/snapshot-policy.ts';
import { type EvaluateOptions, type EvaluationResult, evaluate } from '../rollout/evaluate.ts';
import type { VectorEnv } from '../rollout/vector-env.ts';
import { firstTestSeed } from '../train/start/env-seeds.ts';
import {
  checkObservationLayout,
  type EnvChanges,
  makeTrainedEnv,
  type TrainedOn,
} from './make-trained-env.ts';

/** What is evaluated: a saved policy, which knows what it was trained on, or any other, with word of that. */
export type PlayedPolicy =
  | {
      /** Any policy: an `OnnxPolicy`, whose `metadata` is its `trainedOn`; a rule of one's own. */
      readonly policy: Policy;
      /** The environment to play on, as the policy was trained on it: of an `OnnxPolicy`, `policy.metadata`. */
      readonly trainedOn: TrainedOn;
    }
  | {
      /** A run's: `result.best`, `result.policy`, or `readRunPolicy(folder, 'bestPolicy')`. */
      readonly policy: PolicySnapshot;
      readonly trainedOn?: undefined;
    };

/** How a policy is evaluated; all have defaults. */
export interface EvaluationSettings extends EnvChanges {
  /** What errors call the policy. Default: "the policy, trained on …". */
  readonly name?: string | undefined;
  /** Episodes to play. Default 20. */
  readonly episodes?: number | undefined;
  /** Episode k starts from seed + k. Default 3 · 2²⁹, the first of those that no training and no choice of a policy uses. */
  readonly seed?: number | undefined;
  /** How environments are asked to start their next episodes; changes no result. Default `same-step`. */
  readonly autoresetMode?: AutoresetMode | undefined;
  /** Rejects with the signal's reason, at once. */
  readonly signal?: AbortSignal | undefined;
  /** Told now and then while it lasts: every 1 000 steps. A promise is waited for. */
  readonly onProgress?: EvaluateOptions['onProgress'];
}

/** What `evaluatePolicy` takes: a policy, and where to play it. */
export type EvaluatePolicyRequest = ServerOrConnection & PlayedPolicy & EvaluationSettings;

/** Stepped together; more gain little, and each takes a share of the server. */
const mostEnvs = 16;

const requestNames = namesOf<EvaluatePolicyRequest>({
  server: true,
  connection: true,
  policy: true,
  trainedOn: true,
  name: true,
  episodes: true,
  seed: true,
  envArguments: true,
  maxEpisodeSteps: true,
  autoresetMode: true,
  signal: true,
  onProgress: true,
});

/**
 * Plays a policy without noise, on environments as it was trained on, and says what it got:
 * `evaluatePolicy({ server: '127.0.0.1:50051', policy: result.best ?? result.policy })`. An ONNX file of
 * `@gymwire/exporter`: `evaluatePolicy({ server, policy, trainedOn: policy.metadata })`, where `policy` is `await OnnxPolicy.load(path)`.
 * @throws AgentError INVALID_OPTION; ENV_MISMATCH where the server made another environment than the policy's,
 * OBSERVATION_STRUCTURE where its observations have other parts; EPISODE_ENDLESS, NON_FINITE_VALUE, SHAPE_MISMATCH, UNSUPPORTED_SPACE;
 * GymwireError as `connect` and `makeVector` do; the signal's reason
 */
export async function evaluatePolicy(request: EvaluatePolicyRequest): Promise<EvaluationResult> {
  refuseOtherNames('evaluatePolicy', request, requestNames, "{ server: '127.0.0.1:50051', policy }");
  checkWhere(request, ['server', 'connection']);
  expectFunctions(request, ['onProgress']);
  expectSignal(request);
  const { episodes = 20, seed = firstTestSeed, autoresetMode = 'same-step', signal, onProgress } = request;
  requireInteger('episodes', episodes, 1);
  requireInteger('seed', seed, 0);
  const { policy, trainedOn } = playable(request);
  const { name = `the policy, trained on ${trainedOn.envId}` } = request;
  const { connection, close, follow } = await openConnection(request, { signal });
  try {
    const numEnvs = Math.min(episodes, mostEnvs, connection.server.maxNumEnvs);
    // Which episodes are played must not depend on who is slow.
    const { strict = connection } = connection;
    const isModeAsked = request.autoresetMode !== undefined;
    const session = await suitBatch(strict, trainedOn.envId, { numEnvs, autoresetMode, isModeAsked });
    const env = await makeTrainedEnv(strict, trainedOn, request, session);
    try {
      checkObservationLayout(trainedOn, name, env);
      const more = { onProgress, ...(signal !== undefined && { signal }) };
      return await evaluate({ env: hearing(env, signal), policy, episodes, seed, ...more });
    } finally {
      // After the step under way, which nobody waits for once the signal has come.
      const closing = env.close();
      if (signal?.aborted === true) follow(closing);
      else await closing;
    }
  } finally {
    close();
  }
}

/** What waits for the environments ends with the signal; the policy is not in the middle of anything then. */
function hearing(env: VectorEnv, signal: AbortSignal | undefined): VectorEnv {
  if (signal === undefined) return env;
  const { envId, numEnvs, autoresetMode, observationSpace, actionSpace, maxEpisodeSteps, batch } = env;
  const hear = <T>(work: () => Promise<T>) => untilAborted(signal, work, () => undefined);
  return {
    envId,
    numEnvs,
    autoresetMode,
    observationSpace,
    actionSpace,
    maxEpisodeSteps,
    batch,
    reset: (options) => hear(() => env.reset(options)),
    step: (actions) => hear(() => env.step(actions)),
    close: () => env.close(),
  };
}

interface Playable {
  readonly policy: Policy;
  readonly trainedOn: TrainedOn;
}

function playable(request: PlayedPolicy): Playable {
  const trainedOn = request.trainedOn ?? request.policy;
  if (trainedOn === null || typeof trainedOn !== 'object' || typeof trainedOn.envId !== 'string') {
    throw new AgentError(
      'INVALID_OPTION',
      'policy: expected a PolicySnapshot, or a policy together with trainedOn, the environment that it was trained on ' +
        '(trainedOn: policy.metadata for an OnnxPolicy)',
    );
  }
  const policy = request.trainedOn === undefined ? createSnapshotPolicy(request.policy) : request.policy;
  return { policy, trainedOn };
}

function requireInteger(option: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw new AgentError(
    'INVALID_OPTION',
    `${option}: expected a whole number of at least ${minimum}, got ${value}`,
  );
}
