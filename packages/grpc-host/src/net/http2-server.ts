/**
 * The HTTP/2 server that grpc-js makes for itself, with limits of ours and a say in which calls reach it. grpc-js has
 * options for few of Node's limits, and meets each call with a dozen objects before anybody is asked. So while it
 * makes its server, and only then, `http2.createServer` is ours.
 */
import http2, {
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import { type ConnectionInjector, type Server, ServerCredentials } from '@grpc/grpc-js';

/** A call as HTTP/2 has it. */
export interface NewCall {
  readonly stream: ServerHttp2Stream;
  /** May be changed. */
  readonly headers: IncomingHttpHeaders;
  /** Hands it to gRPC. */
  readonly serve: () => void;
}

/**
 * Resets of calls, of one connection: so many at once, and then so many a second. All that may be under way at a time
 * may be cancelled at a time. Node 20 does not know these options, and has a thousand.
 */
const resetLimits = { streamResetBurst: 256, streamResetRate: 64 };

/**
 * @param meet decides about each call; called in place of gRPC
 * @throws Error when grpc-js makes its server in another way: the versions do not fit
 */
export function createInjector(server: Server, meet: (call: NewCall) => void): ConnectionInjector {
  const { createServer } = http2;
  let made: Http2Server | undefined;
  const makeOurs = (options: ServerOptions): Http2Server => {
    made = createServer({ ...options, ...resetLimits });
    leaveSessions(made);
    return made;
  };
  Object.assign(http2, { createServer: makeOurs });
  try {
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    if (made === undefined) throw new Error('grpc-js has made its HTTP/2 server without http2.createServer');
    comeBetween(made, meet);
    return injector;
  } finally {
    Object.assign(http2, { createServer });
  }
}

/**
 * It listens to nothing, so there is nothing to close. Newer Nodes (24 and later) would close its sessions too, and grpc-js
 * takes a session that is closing for one that has ended: a shutdown would not wait for calls that are under way.
 */
function leaveSessions(server: Http2Server): void {
  server.close = (callback) => {
    if (callback !== undefined) queueMicrotask(callback);
    return server;
  };
}

function comeBetween(server: Http2Server, meet: (call: NewCall) => void): void {
  const listeners = server.listeners('stream');
  server.removeAllListeners('stream');
  server.on('stream', (stream, headers, flags) => {
    // Until gRPC listens, nobody else does.
    stream.on('error', () => undefined);
    const serve = () => {
      for (const listener of listeners) Reflect.apply(listener, server, [stream, headers, flags]);
    };
    meet({ stream, headers, serve });
  });
}
