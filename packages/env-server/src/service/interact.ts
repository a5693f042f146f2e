/** The hot path: one stream attached to one session, one response for each request, in order. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  decodeResetOptions,
  decodeValue,
  encodeError,
  encodeResetResult,
  encodeStepResult,
  GymwireError,
  toStatus,
  type wire,
} from '@gymwire/protocol';
import type { Session } from '../session/session.ts';
import { toGymwireError } from './errors.ts';
import { encodeFrame, type ServiceContext } from './unary.ts';

type Call = ServerDuplexStream<wire.InteractRequest__Output, wire.InteractResponse>;
type Response = wire.InteractResponse;

/** Ends the streams that are open when the server shuts down. */
export interface OpenStreams {
  endAll(error: GymwireError): void;
}

export function createInteractHandler(context: ServiceContext): {
  handler: (call: Call) => void;
  streams: OpenStreams;
} {
  const open = new Set<(error: GymwireError) => void>();
  const handler = (call: Call) => {
    const end = serve(call, context, () => open.delete(end));
    open.add(end);
  };
  const endAll = (error: GymwireError) => {
    for (const end of open) end(error);
  };
  return { handler, streams: { endAll } };
}

/** @returns ends the stream with an error, after the request that is under way was answered */
function serve(call: Call, context: ServiceContext, onEnd: () => void): (error: GymwireError) => void {
  let attachment: ReturnType<ServiceContext['store']['attach']> | undefined;
  let ended = false;
  let tail: Promise<void> = Promise.resolve();

  const release = () => {
    ended = true;
    attachment?.detach();
    attachment = undefined;
    onEnd();
  };
  const fail = (error: GymwireError) => {
    if (ended) return;
    release();
    call.emit('error', toStatus(error));
  };
  const finish = () => {
    if (ended) return;
    release();
    call.end();
  };

  const answer = async (request: wire.InteractRequest__Output): Promise<void> => {
    if (ended) return;
    if (attachment === undefined) {
      // Without a session there is nothing to keep the stream open for: a failed attach ends it.
      if (request.request !== 'attach')
        throw new GymwireError('MALFORMED', 'the first message of a stream must attach');
      attachment = context.store.attach(request.attach?.sessionId ?? '');
      call.write({ attach: { lastSequence: attachment.session.lastSequence } });
      return;
    }
    const response = await respond(attachment.session, request, context);
    if (ended) return;
    call.write(response);
    if (response.close !== undefined) finish();
  };

  call.on('data', (request: wire.InteractRequest__Output) => {
    tail = tail
      .then(() => answer(request))
      .catch((thrown: unknown) => fail(toGymwireError(thrown, context.log)));
  });
  call.on('end', () => {
    tail = tail.then(finish);
  });
  call.on('cancelled', release);
  call.on('error', release);
  return (error) => {
    tail = tail.then(() => fail(error));
  };
}

/** A request that fails becomes an error response; the stream goes on. */
async function respond(
  session: Session,
  request: wire.InteractRequest__Output,
  { store, log }: ServiceContext,
): Promise<Response> {
  try {
    if (request.step) {
      const { action, sequence } = request.step;
      const result = await session.step(decodeValue(action, 'action'), Number(sequence));
      return { step: encodeStepResult(result, session.lastSequence) };
    }
    if (request.reset) {
      const result = await session.reset(decodeResetOptions(request.reset), Number(request.reset.sequence));
      return { reset: encodeResetResult(result, session.lastSequence) };
    }
    if (request.render) {
      return { render: { frame: encodeFrame(await session.render(request.render.envIndex)) } };
    }
    if (request.close) {
      await store.close(session.description.sessionId);
      return { close: {} };
    }
    throw new GymwireError('MALFORMED', 'expected a reset, step, render or close');
  } catch (thrown) {
    return { error: encodeError(toGymwireError(thrown, log)) };
  }
}
