/** `train`'s environments on a server, made as its options say. */
import type { Value, ValueDict } from '@gymwire/protocol';
import type { EnvArgument } from '../policy/policy-snapshot.ts';
import type { MakeEnv } from '../train/train-request.ts';
import type { EnvConnection } from './connection.ts';

/**
 * For `train`: environments on one connection, made with everything that the options say. An evaluation makes do with as
 * many as the server allows in a session.
 */
export function remoteEnvs(connection: EnvConnection): MakeEnv {
  const { maxNumEnvs } = connection.server;
  return ({ purpose, envId, numEnvs, autoresetMode, envArguments, maxEpisodeSteps }) =>
    connection.makeVector(envId, {
      numEnvs: purpose === 'evaluation' ? Math.min(numEnvs, maxNumEnvs) : numEnvs,
      autoresetMode,
      arguments: wireArguments(envArguments),
      ...(maxEpisodeSteps === null ? {} : { maxEpisodeSteps }),
    });
}

/** An environment's arguments in JSON, as the wire has them: numbers without a fraction are ints, which serve as floats too. */
export function wireArguments(json: Readonly<Record<string, EnvArgument>>): ValueDict {
  const wire = (value: EnvArgument): Value =>
    typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, wire(value)]));
}
