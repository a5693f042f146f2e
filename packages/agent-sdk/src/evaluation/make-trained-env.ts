import type { Space } from '@gymwire/protocol';
import type { EnvConnection, MakeVectorOptions, RemoteVectorEnv } from '../env-client/connection.ts';
import { suitBatch } from '../env-client/suit-batch.ts';
import { wireArguments } from '../env-client/wire-arguments.ts';
import { AgentError } from '../errors.ts';
import { layoutDifference } from '../policy/observation-layout.ts';
import type { EnvArgument, ObservationLayout } from '../policy/policy-snapshot.ts';
import { createFlattener } from '../rollout/flatten.ts';
import { checkMade } from '../train/start/check-made-env.ts';

/** The environment that a policy was trained on, as its file tells: a `PolicySnapshot` is one, and so is an `OnnxPolicy`'s `metadata`. */
export interface TrainedOn {
  readonly envId: string;
  /** Keyword arguments that it was made with; the others had their defaults. */
  readonly envArguments?: Readonly<Record<string, EnvArgument>>;
  /** Steps until an episode was truncated, 0 for no limit; absent: the environment's own limit. */
  readonly maxEpisodeSteps?: number;
  /** What an observation was before it was flattened; absent: nobody knows, and nothing is checked. */
  readonly observationLayout?: ObservationLayout | undefined;
  /** The same, as the metadata of an ONNX file has it. */
  readonly observation?: { readonly layout?: ObservationLayout | undefined };
}

/** What is to be other than it was in training. */
export interface EnvChanges {
  /** Over those of the training, one by one. */
  readonly envArguments?: Readonly<Record<string, EnvArgument>> | undefined;
  /** Steps until an episode is truncated, 0 for no limit; default: the training's. */
  readonly maxEpisodeSteps?: number | undefined;
}

/**
 * Makes the environment that a policy was trained on, to play it there.
 * @param session without an autoreset mode, `disabled`, or what a batch simulator has
 * @throws AgentError ENV_MISMATCH where the server made another one; GymwireError with the server's code
 */
export async function makeTrainedEnv(
  connection: EnvConnection,
  { envId, ...trained }: TrainedOn,
  changes: EnvChanges,
  session: Pick<MakeVectorOptions, 'numEnvs' | 'autoresetMode' | 'renderMode'>,
): Promise<RemoteVectorEnv> {
  const envArguments = { ...trained.envArguments, ...changes.envArguments };
  const maxEpisodeSteps = changes.maxEpisodeSteps ?? trained.maxEpisodeSteps ?? null;
  const { numEnvs } = session;
  const { autoresetMode } =
    session.autoresetMode === undefined
      ? await suitBatch(connection, envId, { numEnvs, autoresetMode: 'disabled', isModeAsked: false })
      : session;
  const env = await connection.makeVector(envId, {
    ...session,
    ...(autoresetMode !== undefined && { autoresetMode }),
    arguments: wireArguments(envArguments),
    ...(maxEpisodeSteps === null ? {} : { maxEpisodeSteps }),
  });
  try {
    checkMade(env, { envId, envArguments, maxEpisodeSteps });
    return env;
  } catch (error) {
    await env.close();
    throw error;
  }
}

/**
 * An environment whose observations have the right size but other parts, or these in another order, would be
 * misread without a word.
 * @param policy names it in the error: "policy.onnx, trained on Reach-v0"
 * @throws AgentError OBSERVATION_STRUCTURE
 */
export function checkObservationLayout(
  { observationLayout, observation }: Pick<TrainedOn, 'observationLayout' | 'observation'>,
  policy: string,
  { envId, observationSpace }: { readonly envId: string; readonly observationSpace: Space },
): void {
  const layout = observationLayout ?? observation?.layout;
  if (layout === undefined) return;
  const difference = layoutDifference(layout, createFlattener(observationSpace, envId).layout);
  if (difference === undefined) return;
  throw new AgentError('OBSERVATION_STRUCTURE', `${policy}, reads ${envId} wrongly: ${difference}`);
}
