import type { EnvConnection, RemoteVectorEnv } from '../../env-client/connection.ts';
import { suitBatch } from '../../env-client/suit-batch.ts';
import { wireArguments } from '../../env-client/wire-arguments.ts';
import { AgentError } from '../../errors.ts';
import type { EnvRequest, MakeEnv } from '../train-request.ts';

/** What a run's environments may be other than its options say, and who hears of it. */
export interface RemoteEnvsSettings {
  /** The autoreset mode is not merely the default: where a batch simulator has others only, that is an error. */
  readonly isModeAsked?: boolean;
  readonly onNotice?: (message: string) => unknown;
}

/**
 * A run's environments on one connection, made with everything that the options say. An evaluation makes do with as many
 * as the server allows in a session, or, of a batch simulator, with more; and where such a simulator has not the default
 * autoreset mode, it has one of its own.
 * @throws (the function it returns) AgentError INVALID_OPTION for more training environments than the server allows;
 * GymwireError with the server's code
 */
export function remoteEnvs(connection: EnvConnection, settings: RemoteEnvsSettings = {}): MakeEnv {
  return remoteMaker(connection, settings);
}

/** The same as `remoteEnvs`, for whoever has to know that they are remote. */
export function remoteMaker(
  connection: EnvConnection,
  { isModeAsked = false, onNotice }: RemoteEnvsSettings,
): (request: EnvRequest) => Promise<RemoteVectorEnv> {
  return async ({ purpose, envId, numEnvs, autoresetMode, envArguments, maxEpisodeSteps }) => {
    const { maxNumEnvs } = connection.server;
    if (purpose === 'training' && numEnvs > maxNumEnvs) {
      throw new AgentError(
        'INVALID_OPTION',
        `numEnvs: expected at most ${maxNumEnvs}, as many environments as this server allows in a session; got ${numEnvs}`,
      );
    }
    // An evaluation is of the same episodes each time, whoever is slow.
    const { strict = connection } = connection;
    const from = purpose === 'evaluation' ? strict : connection;
    const wanted = { numEnvs: Math.min(numEnvs, maxNumEnvs), autoresetMode, isModeAsked };
    const suited = await suitBatch(from, envId, wanted);
    const env = await from.makeVector(envId, {
      ...suited,
      // Of a training, the server says what is wrong with the number.
      ...(purpose === 'training' && { numEnvs }),
      arguments: wireArguments(envArguments),
      ...(maxEpisodeSteps === null ? {} : { maxEpisodeSteps }),
    });
    if (purpose === 'training' && env.autoresetMode !== autoresetMode) {
      await onNotice?.(
        `${envId} is a batch simulator, whose environments start their next episodes in ${env.autoresetMode}`,
      );
    }
    return env;
  };
}
