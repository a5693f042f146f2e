import type { EnvConnection } from '../../env-client/connection.ts';
import { wireArguments } from '../../env-client/wire-arguments.ts';
import { AgentError } from '../../errors.ts';
import type { MakeEnv } from '../train-request.ts';

/**
 * A run's environments on one connection, made with everything that the options say. An evaluation makes do with as many
 * as the server allows in a session.
 * @throws (the function it returns) AgentError INVALID_OPTION for more training environments than the server allows;
 * GymwireError with the server's code
 */
export function remoteEnvs(connection: EnvConnection): MakeEnv {
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
    return from.makeVector(envId, {
      numEnvs: Math.min(numEnvs, maxNumEnvs),
      autoresetMode,
      arguments: wireArguments(envArguments),
      ...(maxEpisodeSteps === null ? {} : { maxEpisodeSteps }),
    });
  };
}
