import type { RunEnvironment } from '../../checkpoint/checkpoint.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import { ActionScaler } from '../../policy/action-scaler.ts';
import { createFlattener, type Flattener, readActionBounds } from '../../rollout/flatten.ts';
import type { VectorEnv } from '../../rollout/vector-env.ts';
import type { EnvRequest, MakeEnv } from '../train-request.ts';
import { checkEvaluationEnv, checkTrainingEnv, describeTrainedOn, type TrainedOn } from './check-made-env.ts';
import type { Closing } from './closing.ts';
import { EvaluationPlace } from './evaluation-place.ts';
import type { OpenedRequest } from './open-request.ts';

/** Sizes and bounds that the environment decides. */
export interface Spaces {
  readonly observation: Flattener;
  readonly scaler: ActionScaler;
}

export interface RunEnvs {
  readonly training: VectorEnv;
  readonly evaluation: EvaluationPlace;
  readonly spaces: Spaces;
  /** What the policy's file says of it. */
  readonly trainedOn: TrainedOn;
  /** What the checkpoint says of it. */
  readonly environment: RunEnvironment;
}

/** @throws AgentError ENV_MISMATCH, INVALID_OPTION, UNSUPPORTED_SPACE, INVALID_ACTION_BOUNDS */
export async function makeEnvs(
  request: OpenedRequest,
  options: ResolvedTrainOptions,
  closing: Closing,
): Promise<RunEnvs> {
  const training = await makeEnv(request.makeEnv, options, 'training', closing);
  checkTrainingEnv(training, options);
  const makeEvaluation = async (make: MakeEnv) => {
    const env = await makeEnv(make, options, 'evaluation', closing);
    checkEvaluationEnv(env, options, training);
    return env;
  };
  const own = await makeEvaluation(request.makeEnv);
  const evaluation = new EvaluationPlace(own, request, makeEvaluation);
  const trainedOn = describeTrainedOn(training, options);
  const observation = createFlattener(training.observationSpace, 'observation');
  const scaler = new ActionScaler(...readActionBounds(training.actionSpace));
  const environment: RunEnvironment = {
    maxEpisodeSteps: trainedOn.maxEpisodeSteps ?? null,
    observationLow: observation.low,
    observationHigh: observation.high,
    actionLow: scaler.low,
    actionHigh: scaler.high,
  };
  return { training, evaluation, spaces: { observation, scaler }, trainedOn, environment };
}

async function makeEnv(
  make: MakeEnv,
  options: ResolvedTrainOptions,
  purpose: EnvRequest['purpose'],
  closing: Closing,
): Promise<VectorEnv> {
  const { envId, envArguments, maxEpisodeSteps, autoresetMode } = options;
  const numEnvs = purpose === 'training' ? options.numEnvs : options.evaluationEpisodes;
  const env = await make({ purpose, envId, envArguments, maxEpisodeSteps, autoresetMode, numEnvs });
  closing.push(() => env.close());
  return env;
}
