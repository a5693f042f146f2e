/** The unary RPCs: for tools and scripts. They call the same session functions as the stream. */
import type { handleUnaryCall, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import {
  decodeResetOptions,
  decodeSessionOptions,
  decodeValue,
  type EnvServiceHandlers,
  encodeEnvSpec,
  encodeResetResult,
  encodeSessionDescription,
  encodeStepResult,
  encodeTensor,
  type Frame,
  GymwireError,
  packageVersion,
  protocolVersion,
  toStatus,
  Undecodable,
  type wire,
} from '@gymwire/protocol';
import type { Logger } from 'pino';
import type { EnvRegistry } from '../registry.ts';
import type { SessionStore } from '../session/session-store.ts';
import { malformed, toGymwireError } from './errors.ts';

export interface ServiceContext {
  readonly registry: EnvRegistry;
  readonly store: SessionStore;
  readonly log: Logger;
  readonly maxMessageBytes: number;
  readonly maxNumEnvs: number;
}

// Named one by one: the generated interface has an index signature, which Omit would leave alone.
type UnaryHandlers = Pick<
  EnvServiceHandlers,
  'Handshake' | 'ListEnvs' | 'MakeSession' | 'Reset' | 'Step' | 'Render' | 'CloseSession'
>;

/** An async function as a grpc-js handler. */
function unary<Request, Response>(
  log: Logger,
  handle: (request: Request) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request | Undecodable, Response>, callback: sendUnaryData<Response>) => {
    Promise.resolve(call.request)
      .then((request) => {
        if (request instanceof Undecodable)
          throw malformed(request, `${call.getPath().split('/').at(-1)}Request`);
        return handle(request);
      })
      .then(
        (response) => callback(null, response),
        (thrown: unknown) => callback(toStatus(toGymwireError(thrown, log))),
      );
  };
}

export function createUnaryHandlers(context: ServiceContext): UnaryHandlers {
  const { registry, store, log } = context;
  return {
    Handshake: unary(log, ({ protocolVersion: theirs, client }) => {
      const spoken = theirs ?? { major: 0, minor: 0 };
      if (spoken.major !== protocolVersion.major) {
        throw new GymwireError(
          'VERSION_MISMATCH',
          `the client ${client} speaks protocol ${spoken.major}.${spoken.minor}, ` +
            `this server (gymwire ${packageVersion}) ${protocolVersion.major}.${protocolVersion.minor}`,
        );
      }
      log.debug({ client }, 'handshake');
      return {
        protocolVersion: { ...protocolVersion },
        server: `gymwire-env-server/${packageVersion}`,
        capabilities: ['vector', 'render', 'reattach', 'take-over'],
        maxMessageBytes: context.maxMessageBytes,
        maxNumEnvs: context.maxNumEnvs,
      };
    }),
    ListEnvs: unary(log, () => ({ envs: registry.list().map(encodeEnvSpec) })),
    MakeSession: unary(log, async (request) => {
      const session = await store.make(decodeSessionOptions(request));
      return encodeSessionDescription(session.description);
    }),
    Reset: unary(log, async (request) => {
      const session = store.find(request.sessionId);
      const result = await session.reset(decodeResetOptions(request), request.sequence);
      return encodeResetResult(result, session.lastSequence);
    }),
    Step: unary(log, async (request) => {
      const session = store.find(request.sessionId);
      const result = await session.step(decodeValue(request.action, 'action'), request.sequence);
      return encodeStepResult(result, session.lastSequence);
    }),
    Render: unary(log, async (request) => {
      const frame = await store.find(request.sessionId).render(request.envIndex);
      return { frame: encodeFrame(frame) };
    }),
    CloseSession: unary(log, async (request) => {
      await store.close(request.sessionId);
      return {};
    }),
  };
}

export function encodeFrame({ width, height, data }: Frame): wire.Tensor {
  return encodeTensor({ dtype: 'uint8', shape: [height, width, 3], data });
}
