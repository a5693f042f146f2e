/** The hot path: one stream attached to one session, one response for each request, in order. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  decodeResetOptions,
  decodeStepRequest,
  encodeError,
  encodeResetResult,
  encodeStepResponse,
  GymwireError,
  type StreamRequestOutput as Request,
  type StreamResponse as Response,
  toStatus,
  Undecodable,
  type wire,
} from '@gymwire/protocol';
import { chain, type MaybePromise, Turns } from '../maybe-promise.ts';
import type { Session } from '../session/session.ts';
import type { Attachment } from '../session/session-store.ts';
import { malformed, toGymwireError } from './errors.ts';
import { encodeFrame, type ServiceContext } from './unary.ts';

type Call = ServerDuplexStream<Request, Response>;

/** A stream without a session serves nobody. */
const attachTimeoutMs = 10_000;

/** A stream that lost its session to another one; what it had under way is answered to nobody. */
const replaced = new GymwireError('SESSION_BUSY', 'another stream has taken this session over');

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
  let attachment: Attachment | undefined;
  let ended = false;
  const turns = new Turns();

  const release = () => {
    ended = true;
    clearTimeout(unattached);
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

  const answer = (request: Request): MaybePromise<void> => {
    if (ended) return undefined;
    if (attachment !== undefined) {
      return chain(respond(attachment.session, request, context), (response) => {
        if (ended) return;
        if (!call.write(response)) {
          call.pause();
          call.once('drain', () => call.resume());
        }
        if (!Buffer.isBuffer(response) && response.close !== undefined) finish();
      });
    }
    try {
      attachment = attach(request, context, () => fail(replaced));
      call.write({ attach: { lastSequence: attachment.session.lastSequence } });
    } catch (thrown) {
      // Without a session there is nothing to keep the stream open for.
      fail(toGymwireError(thrown, context.log));
    }
  };

  call.on('data', (request: Request) => {
    const turn = turns.take(() => answer(request));
    // Nothing is read ahead of a request that takes its time, nor for a client that does not read its answers.
    if (!(turn instanceof Promise)) return;
    call.pause();
    void turn.then(
      () => resume(call),
      (thrown: unknown) => fail(toGymwireError(thrown, context.log)),
    );
  });
  const unattached = setTimeout(() => {
    if (attachment === undefined)
      fail(new GymwireError('MALFORMED', 'the stream did not attach to a session in time'));
  }, attachTimeoutMs);
  unattached.unref();
  call.on('end', () => void turns.take(finish));
  call.on('cancelled', release);
  call.on('error', release);
  return (error) => void turns.take(() => fail(error));
}

function resume(call: Call): void {
  if (!call.writableNeedDrain) call.resume();
}

function attach(request: Request, { store }: ServiceContext, replace: () => void): Attachment {
  if (request instanceof Undecodable) throw malformed(request, 'InteractRequest');
  const wanted = Buffer.isBuffer(request) ? undefined : request.attach;
  if (wanted) return store.attach(wanted.sessionId, wanted.takeOver, replace);
  throw new GymwireError('MALFORMED', 'the first message of a stream must attach');
}

/** Never throws or rejects: a request that fails becomes an error response, and the stream goes on. */
function respond(session: Session, request: Request, context: ServiceContext): MaybePromise<Response> {
  const failed = (thrown: unknown): Response => ({ error: encodeError(toGymwireError(thrown, context.log)) });
  try {
    const response = carryOut(session, request, context);
    return response instanceof Promise ? response.catch(failed) : response;
  } catch (thrown) {
    return failed(thrown);
  }
}

function carryOut(session: Session, request: Request, { store }: ServiceContext): MaybePromise<Response> {
  if (Buffer.isBuffer(request)) return step(session, request);
  if (request instanceof Undecodable) throw malformed(request, 'InteractRequest');
  if (request.step) return step(session, request.step);
  if (request.reset) {
    const reset = session.reset(decodeResetOptions(request.reset), request.reset.sequence);
    return chain(reset, (result) => ({ reset: encodeResetResult(result, session.lastSequence) }));
  }
  if (request.render) {
    const frame = session.render(request.render.envIndex);
    return chain(frame, (drawn) => ({ render: { frame: encodeFrame(drawn) } }));
  }
  if (request.close) {
    return store.close(session.description.sessionId).then(() => ({ close: {} }));
  }
  throw new GymwireError('MALFORMED', 'expected a reset, step, render or close');
}

function step(session: Session, request: Buffer | wire.StepRequest): MaybePromise<Response> {
  const { action, sequence } = decodeStepRequest(request);
  return chain(session.step(action, sequence), (result) => encodeStepResponse(result, session.lastSequence));
}
