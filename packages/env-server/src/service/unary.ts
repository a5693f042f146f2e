/** The unary RPCs: for tools and scripts. They call the same session functions as the stream. */

import { chain } from '@gymwire/env/host';
import { type ByteStream, servePlain, toGymwireError, type UnaryCall } from '@gymwire/grpc-host';
import { type Frame, GymwireError, packageVersion, protocolVersion } from '@gymwire/protocol';
import {
  decodeResetOptions,
  decodeSessionOptions,
  encodeEnvSpec,
  encodeResetResult,
  encodeSessionDescription,
  encodeStepResult,
  encodeTensor,
  envService,
  type wire,
} from '@gymwire/protocol/wire';
import { callMethod, readAttribute } from './calls.ts';
import type { ServiceContext } from './context.ts';
import type { UnaryName } from './decoders.ts';
import { fitting } from './fitting-reply.ts';
import { serveOnSession } from './serve-on-session.ts';
import { stepAsAsked } from './step-as-asked.ts';

const { Handshake, ListEnvs, MakeSession, Reset, Step, Render, CallMethod, ReadAttribute, CloseSession } =
  envService;

export function createUnaryHandlers(
  context: ServiceContext,
): Record<UnaryName, (stream: ByteStream) => void> {
  const { registry, store, decoders, maxMessageBytes } = context;
  return {
    Handshake: servePlain(context, (message) => {
      const request = decoders.unary('Handshake', message);
      return Handshake.responseSerialize(shakeHands(request, context));
    }),
    ListEnvs: servePlain(context, (message) => {
      decoders.unary('ListEnvs', message);
      const reply = ListEnvs.responseSerialize({ envs: registry.list().map(encodeEnvSpec) });
      return fitting(reply, 'list', maxMessageBytes);
    }),
    MakeSession: servePlain(context, (message, call) => makeSession(message, call, context)),
    Reset: serveOnSession(
      context,
      'reset',
      (message) => decoders.unary('Reset', message),
      (session, request) =>
        chain(session.reset(decodeResetOptions(request), request.sequence), (result) =>
          Reset.responseSerialize(encodeResetResult(result, session.lastSequence)),
        ),
    ),
    Step: serveOnSession(
      context,
      'step',
      (message) => decoders.unary('Step', message),
      (session, request) =>
        chain(stepAsAsked(session, request), (result) =>
          Step.responseSerialize(encodeStepResult(result, session.lastSequence)),
        ),
    ),
    Render: serveOnSession(
      context,
      'render',
      (message) => decoders.unary('Render', message),
      (session, request) =>
        chain(session.render(request.envIndex), (frame) =>
          Render.responseSerialize({ frame: encodeFrame(frame) }),
        ),
    ),
    CallMethod: serveOnSession(
      context,
      'call',
      (message) => decoders.unary('CallMethod', message),
      (session, request) => chain(callMethod(session, request, context), CallMethod.responseSerialize),
    ),
    ReadAttribute: serveOnSession(
      context,
      'read',
      (message) => decoders.unary('ReadAttribute', message),
      (session, request) => chain(readAttribute(session, request, context), ReadAttribute.responseSerialize),
    ),
    CloseSession: servePlain(context, async (message) => {
      await store.close(decoders.unary('CloseSession', message).sessionId);
      return CloseSession.responseSerialize({});
    }),
  };
}

function shakeHands(request: wire.HandshakeRequest, context: ServiceContext): wire.HandshakeResponse {
  const { client } = request;
  const spoken = request.protocolVersion ?? { major: 0, minor: 0 };
  if (spoken.major !== protocolVersion.major) {
    throw new GymwireError(
      'VERSION_MISMATCH',
      `the client ${client} speaks protocol ${spoken.major}.${spoken.minor}, ` +
        `this server (gymwire ${packageVersion}) ${protocolVersion.major}.${protocolVersion.minor}`,
    );
  }
  context.log.debug({ client }, 'handshake');
  return {
    protocolVersion: { ...protocolVersion },
    server: `gymwire-env-server/${packageVersion}`,
    capabilities: ['vector', 'render', 'reattach', 'take-over', 'calls', 'step-seeds'],
    maxMessageBytes: context.maxMessageBytes,
    maxNumEnvs: context.maxNumEnvs,
    capacity: context.capacity,
    freeEnvs: context.store.freeEnvs,
  };
}

/** A session whose id nobody has heard is closed again. */
async function makeSession(
  message: Buffer,
  call: UnaryCall,
  { store, accounts, decoders, replies, maxMessageBytes, log }: ServiceContext,
): Promise<undefined> {
  const session = await store.make(decodeSessionOptions(decoders.unary('MakeSession', message)));
  accounts.open(session, call.caller);
  let isHeard = false;
  call.onEnd(() => {
    if (isHeard) return;
    store.close(session.description.sessionId).catch((thrown: unknown) => toGymwireError(thrown, log));
  });
  const reply = MakeSession.responseSerialize(encodeSessionDescription(session.description));
  call.answer(fitting(reply, 'make', maxMessageBytes), replies, () => (isHeard = true));
}

export function encodeFrame({ width, height, data }: Frame): wire.Tensor {
  return encodeTensor({ dtype: 'uint8', shape: [height, width, 3], data });
}
