/** The yardsticks: a raw TCP echo, and bare grpc-js echoes, unary and on a stream; all carry opaque bytes. */

import { once } from 'node:events';
import { createConnection, createServer, type Socket, type Server as TcpServer } from 'node:net';
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
} from '@grpc/grpc-js';

const identity = (bytes: Buffer): Buffer => bytes;

const opaque = {
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize: identity,
  responseDeserialize: identity,
} as const;

const echoService = {
  Echo: { path: '/bench.Echo/Echo', requestStream: false, responseStream: false, ...opaque },
  Stream: { path: '/bench.Echo/Stream', requestStream: true, responseStream: true, ...opaque },
} as const satisfies ServiceDefinition;

/** The first 8 bytes of a request say how long it is and how long the answer must be. */
export function echoRequest(requestBytes: number, responseBytes: number): Buffer {
  const request = Buffer.alloc(Math.max(8, requestBytes));
  request.writeUInt32LE(request.length, 0);
  request.writeUInt32LE(responseBytes, 4);
  return request;
}

/** @param beforeReply what the server does between a request and its answer */
export async function serveTcpEcho(beforeReply?: () => void): Promise<{ port: number; server: TcpServer }> {
  const server = createServer({ noDelay: true }, (socket) => {
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      while (pending.length >= 8 && pending.length >= pending.readUInt32LE(0)) {
        beforeReply?.();
        socket.write(Buffer.alloc(pending.readUInt32LE(4)));
        pending = pending.subarray(pending.readUInt32LE(0));
      }
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the TCP echo has no port');
  return { port: address.port, server };
}

export async function connectTcpEcho(
  port: number,
): Promise<{ socket: Socket; call: (request: Buffer) => Promise<void> }> {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let missing = 0;
  let finish: () => void = () => undefined;
  socket.on('data', (chunk) => {
    missing -= chunk.length;
    if (missing === 0) finish();
  });
  const call = (request: Buffer) =>
    new Promise<void>((resolve) => {
      missing = request.readUInt32LE(4);
      finish = resolve;
      socket.write(request);
    });
  return { socket, call };
}

/** Unary and on streams. @param beforeReply what the server does between a streamed request and its answer */
export async function serveGrpcEcho(beforeReply?: () => void): Promise<number> {
  const server = new Server();
  const answer = (request: Buffer) => Buffer.alloc(request.readUInt32LE(4));
  server.addService(echoService, {
    Echo: (call: { request: Buffer }, callback: (error: null, reply: Buffer) => void) =>
      callback(null, answer(call.request)),
    Stream: (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on('data', (request: Buffer) => {
        beforeReply?.();
        call.write(answer(request));
      });
      call.on('end', () => call.end());
    },
  });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

export function connectUnaryEcho(port: number): { client: Client; call: (request: Buffer) => Promise<void> } {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = (request: Buffer) =>
    new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(echoService.Echo.path, identity, identity, request, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  return { client, call };
}

/** One request at a time. */
export function connectStreamEcho(port: number): {
  client: Client;
  call: (request: Buffer) => Promise<void>;
} {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const stream = client.makeBidiStreamRequest<Buffer, Buffer>(echoService.Stream.path, identity, identity);
  let finish: () => void = () => undefined;
  stream.on('data', () => finish());
  // Closing the client cancels the stream; in a measurement an unanswered call is seen as such.
  stream.on('error', () => undefined);
  const call = (request: Buffer) =>
    new Promise<void>((resolve) => {
      finish = resolve;
      stream.write(request);
    });
  return { client, call };
}
