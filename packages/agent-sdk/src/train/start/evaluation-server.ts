/** A server that evaluations have of their own: what is made there is what training has. */
import type { RemoteVectorEnv } from '../../env-client/connection.ts';
import { differenceOf } from '../../env-client/env-kind.ts';
import { AgentError } from '../../errors.ts';
import type { EnvRequest, MakeEnv } from '../train-request.ts';

/** A server of evaluations, and who stands in for it. */
export interface EvaluationServer {
  readonly address: string;
  /** Makes the environments of an evaluation where training is. */
  readonly standIn: MakeEnv;
  /** Told when it is gone. */
  readonly tell: (message: string) => unknown;
}

interface Place {
  readonly address: string;
  readonly make: (request: EnvRequest) => Promise<RemoteVectorEnv>;
}

/**
 * Makes environments of each purpose at its own place. Training's are made first.
 * @throws (the function it returns) AgentError ENV_MISMATCH naming both servers and what differs
 */
export function makeAlike(training: Place, evaluation: Place): MakeEnv {
  let model: RemoteVectorEnv | undefined;
  return async (request) => {
    if (request.purpose === 'training') {
      model = await training.make(request);
      return model;
    }
    const env = await evaluation.make(request);
    // In which mode episodes begin anew changes no evaluation.
    const difference = model && differenceOf(model, env, 'autoresetMode');
    if (difference === undefined) return env;
    await env.close();
    throw new AgentError(
      'ENV_MISMATCH',
      `${request.envId}: ${difference} at ${evaluation.address}, the server of evaluations, is not that at ` +
        `${training.address}, where training is; both must make the same environment`,
    );
  };
}
