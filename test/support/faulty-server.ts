/** A real server behind a go-between that spoils one thing: what a conformance kit must notice, and nothing else. */
import {
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type requestCallback,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { type EnvServerOptions, startEnvServer } from '@gymwire/env-server';
import { GymwireError } from '@gymwire/protocol';
import {
  boundedDecoder,
  decodeError,
  type decodeResetResult,
  type decodeStepResult,
  EnvServiceClient,
  type EnvServiceHandlers,
  encodeError,
  envService,
  toStatus,
  Undecodable,
  type wire,
} from '@gymwire/protocol/wire';
import { builtinEnvs, conformanceEnv } from '@gymwire/simulators';
import { pino } from 'pino';

type Backend = InstanceType<typeof EnvServiceClient>;
type Call = ServerDuplexStream<wire.InteractRequest__Output, wire.InteractResponse>;
export type ResetReply = Parameters<typeof decodeResetResult>[0];
export type StepReply = Parameters<typeof decodeStepResult>[0];
type AttachRequest = NonNullable<wire.InteractRequest__Output['attach']>;
type AttachReply = NonNullable<wire.InteractResponse__Output['attach']>;
type MakeRequest = Parameters<EnvServiceHandlers['MakeSession']>[0]['request'];

/** What the go-between knows of a session. */
export interface SessionNotes {
  readonly made: wire.MakeSessionResponse;
  lastSequence: number;
  lastKind: 'reset' | 'step' | undefined;
  /** True where a unary call has reset it. */
  wasResetByCall: boolean;
  /** Which environments' episodes the last step ended. */
  ended: readonly boolean[];
}

/** Closes a session of the real server, which may be gone itself. */
type CloseSession = (sessionId: string) => Promise<void>;

/** Every hook may change the message that it is given. */
export interface Fault {
  readonly name: string;
  /** The only rule that may fail. */
  readonly breaks: string;
  /** Options of the real server. */
  readonly server?: Partial<EnvServerOptions>;
  readonly handshake?: (request: wire.HandshakeRequest) => void;
  readonly greeted?: (reply: wire.HandshakeResponse) => void;
  readonly make?: (request: MakeRequest) => void;
  readonly made?: (reply: wire.MakeSessionResponse, request: MakeRequest, close: CloseSession) => void;
  readonly listed?: (reply: wire.ListEnvsResponse) => void;
  readonly reset?: (request: wire.ResetRequest, notes: SessionNotes) => void;
  readonly step?: (request: wire.StepRequest, notes: SessionNotes) => void;
  readonly resetReply?: (reply: ResetReply, notes: SessionNotes) => void;
  /** @param again carries the step out once more, unnumbered */
  readonly stepReply?: (
    reply: StepReply,
    notes: SessionNotes,
    again: () => Promise<StepReply>,
  ) => StepReply | Promise<StepReply>;
  /** What is refused here, and never reaches the real server. */
  readonly refuse?: (
    request: { readonly reset?: wire.ResetRequest; readonly step?: wire.StepRequest },
    notes: SessionNotes,
  ) => GymwireError | undefined;
  readonly call?: (request: wire.CallMethodRequest) => void;
  readonly callReply?: (reply: wire.CallMethodResponse__Output) => void;
  readonly read?: (request: wire.ReadAttributeRequest) => void;
  readonly attach?: (request: AttachRequest) => void;
  readonly attachReply?: (reply: AttachReply) => void;
  /** Carried out in place of the close. */
  readonly close?: (sessionId: string, close: CloseSession, notes: SessionNotes | undefined) => Promise<void>;
  readonly unaryError?: (error: Refused) => void;
  /** What a stream does instead of answering with an error. */
  readonly breaksStreamsOnError?: true;
  /** Where bytes that are no message end the call, as grpc-js has it. */
  readonly failsAtGarbage?: 'streams' | 'calls';
  /** Streams that ended or were dropped stay attached. */
  readonly holdsStreams?: true;
  readonly withoutHealth?: true;
  readonly withoutReflection?: true;
}

export interface Refused {
  code: status;
  details: string;
  metadata: Metadata;
}

const quiet = pino({ level: 'silent' });
const anySize = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

export async function startFaultyServer(
  fault: Fault,
): Promise<{ readonly address: string; readonly stop: () => Promise<void> }> {
  const real = await startEnvServer({
    port: 0,
    envs: [...builtinEnvs, conformanceEnv],
    logger: quiet,
    drainTimeoutMs: 200,
    ...fault.server,
  });
  const backend = new EnvServiceClient(real.address, credentials.createInsecure(), anySize);
  const server = new Server(anySize);
  server.addService(definitionFor(fault), createHandlers(fault, backend));
  const behind = new Client(real.address, credentials.createInsecure());
  passOn(server, behind, fault);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    async stop() {
      server.forceShutdown();
      for (const client of [backend, behind]) client.close();
      await real.shutdown();
    },
  };
}

function definitionFor({ failsAtGarbage }: Fault): ServiceDefinition {
  const methods = Object.entries(envService).map(([name, method]) => {
    const { requestDeserialize, requestStream } = method;
    if (failsAtGarbage === (requestStream ? 'streams' : 'calls')) return [name, method] as const;
    const tolerant = boundedDecoder<object>(requestDeserialize, {}, Infinity);
    return [name, { ...method, requestDeserialize: tolerant }] as const;
  });
  return Object.fromEntries(methods);
}

function call<Response>(start: (callback: requestCallback<Response>) => ClientUnaryCall): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error !== null) reject(error);
      else if (response !== undefined) resolve(response);
    });
  });
}

function createHandlers(fault: Fault, backend: Backend): EnvServiceHandlers {
  const sessions = new Map<string, SessionNotes>();
  const close: CloseSession = async (sessionId) => {
    try {
      await call((done) => backend.closeSession({ sessionId }, done));
    } catch {
      // The test is over, and with it the real server.
    }
  };
  const notesOf = (sessionId: string) => sessions.get(sessionId) ?? strangersNotes();

  function unary<Request, Response>(handle: (request: Request) => Promise<Response>) {
    return ({ request }: { request: Request | Undecodable }, callback: sendUnaryData<Response>) => {
      if (request instanceof Undecodable) {
        callback(refusalOf(toStatus(new GymwireError('MALFORMED', request.reason)) as ServiceError, fault));
        return;
      }
      handle(request).then(
        (response) => callback(null, response),
        (error: ServiceError) => callback(refusalOf(error, fault)),
      );
    };
  }

  return {
    Handshake: unary(async (request) => {
      fault.handshake?.(request);
      const reply = await call<wire.HandshakeResponse>((done) => backend.handshake(request, done));
      fault.greeted?.(reply);
      return reply;
    }),
    ListEnvs: unary(async () => {
      const reply = await call<wire.ListEnvsResponse>((done) => backend.listEnvs({}, done));
      fault.listed?.(reply);
      return reply;
    }),
    MakeSession: unary(async (request) => {
      const asked = structuredClone(request);
      fault.make?.(request);
      const reply = await call<wire.MakeSessionResponse>((done) => backend.makeSession(request, done));
      fault.made?.(reply, asked, close);
      sessions.set(reply.sessionId, { ...strangersNotes(), made: reply });
      return reply;
    }),
    Reset: unary(async (request) => {
      const notes = notesOf(request.sessionId);
      notes.wasResetByCall = true;
      refuseCall(fault, { reset: request }, notes);
      fault.reset?.(request, notes);
      const reply = await call<ResetReply>((done) => backend.reset(request, done));
      return afterReset(fault, reply, notes);
    }),
    Step: unary(async (request) => {
      const notes = notesOf(request.sessionId);
      refuseCall(fault, { step: request }, notes);
      fault.step?.(request, notes);
      const reply = await call<StepReply>((done) => backend.step(request, done));
      return afterStep(fault, reply, notes, () => stepAgain(backend, request, request.sessionId));
    }),
    Render: unary((request) => call((done) => backend.render(request, done))),
    CallMethod: unary(async (request) => {
      fault.call?.(request);
      const reply = await call<wire.CallMethodResponse__Output>((done) => backend.callMethod(request, done));
      fault.callReply?.(reply);
      return reply;
    }),
    ReadAttribute: unary((request) => {
      fault.read?.(request);
      return call<wire.ReadAttributeResponse__Output>((done) => backend.readAttribute(request, done));
    }),
    CloseSession: unary(async ({ sessionId }) => {
      await (fault.close ?? close)(sessionId, close, sessions.get(sessionId));
      return {};
    }),
    Interact: (stream) => relay(stream, fault, backend, notesOf),
  };
}

function refuseCall(fault: Fault, request: Parameters<NonNullable<Fault['refuse']>>[0], notes: SessionNotes) {
  const refused = fault.refuse?.(request, notes);
  if (refused !== undefined) throw failedCall(refused);
}

/** A refusal as the real server's calls fail with it. */
export function failedCall(error: GymwireError): Error {
  return Object.assign(new Error(error.message), toStatus(error));
}

function strangersNotes(): SessionNotes {
  const made: wire.MakeSessionResponse = {
    sessionId: '',
    observationSpace: null,
    actionSpace: null,
    spec: null,
    autoresetMode: 'AUTORESET_MODE_DISABLED',
    outOfBoundsRule: 'OUT_OF_BOUNDS_RULE_PASS',
    renderMode: '',
    idleTimeoutMs: 0,
  };
  return { made, lastSequence: 0, lastKind: undefined, wasResetByCall: false, ended: [] };
}

function afterReset(fault: Fault, reply: ResetReply, notes: SessionNotes): ResetReply {
  notes.lastSequence = reply.sequence;
  notes.lastKind = 'reset';
  notes.ended = [];
  fault.resetReply?.(reply, notes);
  return reply;
}

async function afterStep(
  fault: Fault,
  reply: StepReply,
  notes: SessionNotes,
  again: () => Promise<StepReply>,
): Promise<StepReply> {
  const spoilt = (await fault.stepReply?.(reply, notes, again)) ?? reply;
  notes.lastSequence = spoilt.sequence;
  notes.lastKind = 'step';
  notes.ended = [...spoilt.terminated].map((flag, i) => flag === 1 || spoilt.truncated[i] === 1);
  return spoilt;
}

function stepAgain(backend: Backend, request: wire.StepRequest, sessionId: string): Promise<StepReply> {
  return call<StepReply>((done) => backend.step({ ...request, sessionId, sequence: 0 }, done));
}

function refusalOf(error: ServiceError, fault: Fault): Refused {
  const refused = { code: error.code, details: error.details, metadata: error.metadata };
  if (refused.metadata.get('gymwire-error-bin').length > 0) fault.unaryError?.(refused);
  return refused;
}

/** A stream on a connection of its own: those that are held would use up what one may have open at once. */
function interactAlone(backend: Backend): ReturnType<Backend['interact']> {
  const alone = { ...anySize, 'grpc.use_local_subchannel_pool': 1 };
  const client = new EnvServiceClient(backend.getChannel().getTarget(), credentials.createInsecure(), alone);
  return client.interact().on('close', () => client.close());
}

/** One stream of the client's, one to the real server; responses come in the order of requests. */
function relay(
  call: Call,
  fault: Fault,
  backend: Backend,
  notesOf: (sessionId: string) => SessionNotes,
): void {
  const behind = fault.holdsStreams ? interactAlone(backend) : backend.interact();
  const pending: wire.InteractRequest__Output[] = [];
  let [sessionId, notes] = ['', notesOf('')];
  let isOver = false;
  let turn = Promise.resolve();

  call.on('data', (decoded: wire.InteractRequest__Output | Undecodable) => {
    // Without content it is MALFORMED to the real server, too.
    const request: wire.InteractRequest__Output = decoded instanceof Undecodable ? {} : decoded;
    if (request.attach) {
      if (sessionId === '')
        [sessionId, notes] = [request.attach.sessionId, notesOf(request.attach.sessionId)];
      fault.attach?.(request.attach);
    }
    const { reset, step } = request;
    const refused = fault.refuse?.({ ...(reset && { reset }), ...(step && { step }) }, notes);
    if (refused !== undefined) {
      turn = turn.then(() => void call.write({ error: encodeError(refused) }));
      return;
    }
    if (request.reset) fault.reset?.(request.reset, notes);
    if (request.step) fault.step?.(request.step, notes);
    if (request.call) fault.call?.(request.call);
    if (request.read) fault.read?.(request.read);
    pending.push(request);
    if (!isOver) behind.write(request);
  });
  const answer = async (response: wire.InteractResponse__Output) => {
    const request = pending.shift();
    if (response.attach) fault.attachReply?.(response.attach);
    if (response.reset) afterReset(fault, response.reset, notes);
    if (response.call) fault.callReply?.(response.call);
    if (response.step && request?.step) {
      const { step } = request;
      response.step = await afterStep(fault, response.step, notes, () => stepAgain(backend, step, sessionId));
    }
    if (isOver) return;
    if (response.error && fault.breaksStreamsOnError) {
      isOver = true;
      behind.cancel();
      call.emit('error', toStatus(decodeError(response.error)));
      return;
    }
    call.write(response);
  };
  behind.on('data', (response: wire.InteractResponse__Output) => {
    turn = turn.then(() => answer(response));
  });
  const end = (finish: () => void) => {
    turn = turn.then(() => {
      if (isOver) return;
      isOver = true;
      finish();
    });
  };
  behind.on('error', ({ code, details, metadata }: ServiceError) =>
    end(() => call.emit('error', { code, details, metadata })),
  );
  behind.on('end', () => setImmediate(() => end(() => call.end())));
  call.on('end', () => {
    if (fault.holdsStreams) end(() => call.end());
    else behind.end();
  });
  call.on('cancelled', () => {
    isOver = true;
    if (!fault.holdsStreams) behind.cancel();
  });
  call.on('error', () => undefined);
}

/** gRPC's own services, as they are. */
function passOn(server: Server, behind: Client, fault: Fault): void {
  const same = (bytes: Buffer) => bytes;
  const codec = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  const health = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    ...codec,
  };
  if (!fault.withoutHealth) {
    server.addService(
      { Check: health },
      {
        Check: ({ request }: { request: Buffer }, callback: sendUnaryData<Buffer>) => {
          behind.makeUnaryRequest(health.path, same, same, request, callback);
        },
      },
    );
  }
  const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
  if (fault.withoutReflection) return;
  server.addService(
    { Info: { path, requestStream: true, responseStream: true, ...codec } },
    {
      Info: (call: ServerDuplexStream<Buffer, Buffer>) => {
        const info = behind.makeBidiStreamRequest(path, same, same);
        info.on('error', () => call.end());
        call.on('data', (bytes: Buffer) => info.write(bytes));
        call.on('end', () => info.end());
        info.on('data', (bytes: Buffer) => call.write(bytes));
        info.on('end', () => call.end());
      },
    },
  );
}
