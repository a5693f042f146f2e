/** gymwire.v1.EnvService as this server reads it: a message that cannot be decoded is answered, not dropped. */
import type { ServiceDefinition } from '@grpc/grpc-js';
import { boundedDecoder, createStreamMethod, envService, requestParts } from '@gymwire/protocol';

const leastParts = 100_000;

/** @param maxNumEnvs of one session: a reset may carry a seed for each */
export function createServiceDefinition(maxNumEnvs: number): ServiceDefinition {
  const maxParts = Math.max(leastParts, 4 * maxNumEnvs);
  const methods = Object.entries(envService).map(([name, method]) => {
    const requestDeserialize = boundedDecoder(
      method.requestDeserialize,
      requestParts[name as keyof typeof requestParts],
      maxParts,
    );
    return [name, { ...method, requestDeserialize }] as const;
  });
  return { ...Object.fromEntries(methods), Interact: createStreamMethod(maxParts) };
}
