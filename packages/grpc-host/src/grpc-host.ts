/** A gRPC server of ours: one port, with tokens, TLS, limits, health, reflection, and an end in good order. */
import { Server, type ServerOptions, type ServiceDefinition } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { createArrivals } from './calls/arrivals.ts';
import { asByteStreams, type ByteStream } from './calls/byte-stream.ts';
import type { Gate } from './calls/gate.ts';
import { createReception } from './calls/reception.ts';
import { Health } from './health.ts';
import { createHostContext, type HostContext } from './host-context.ts';
import type { ResolvedHostOptions } from './host-options.ts';
import { type HostedWork, noWork } from './hosted-work.ts';
import { Connections } from './net/connections.ts';
import { createInjector } from './net/http2-server.ts';
import { listen } from './net/listener.ts';
import { addReflection } from './reflection.ts';
import { createTokenCheck } from './security/bearer-token.ts';
import { createServerLife, type ServerLife } from './server-life.ts';

/** A service and who carries it out. */
export interface HostedService {
  /** The service as grpc-js knows it, "/gymwire.v1.EnvService/Step" and so on. */
  readonly definition: ServiceDefinition;
  readonly handlers: Readonly<Record<string, (stream: ByteStream) => void>>;
}

export interface Hosting {
  readonly options: ResolvedHostOptions;
  readonly log: Logger;
  /** Makes the services, with what their methods work with. */
  readonly services: (context: HostContext) => HostedServices;
  /** Clients' services, by name: their health is told, and a full server refuses them. */
  readonly serviceNames: readonly string[];
  /** Services with a token of their own, which are answered on a full server too; undefined: nobody may call them. */
  readonly ownTokens?: Readonly<Record<string, string | undefined>>;
  /** What reflection tells: a FileDescriptorProto each, base64. */
  readonly reflectedFiles?: readonly string[];
  /** Calls of one connection that last, beside those that come and go; default none. */
  readonly longCallsAtOnce?: number;
}

export interface HostedServices {
  readonly services: readonly HostedService[];
  /** What goes on beyond single calls; default: nothing. */
  readonly work?: HostedWork;
}

/** A server that is listening. */
export interface GrpcHost extends ServerLife {
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** "127.0.0.1:50051" or "unix:/run/gym.sock", what clients connect to. */
  readonly address: string;
}

/** Calls of one connection, beside those that last. */
const otherCallsAtOnce = 64;
/** A connection without calls; gRPC opens another one when it needs it. */
const idleConnectionMs = 5 * 60_000;

/** @throws GymwireError SERVER_UNAVAILABLE when the address cannot be bound */
export async function startGrpcHost(hosting: Hosting): Promise<GrpcHost> {
  const { options, log, serviceNames, ownTokens = {}, longCallsAtOnce = 0 } = hosting;
  for (const warning of options.warnings) log.warn(warning);
  const connections = new Connections(options.maxConnections, log);
  const { maxMessageBytes } = options;
  const arrivals = createArrivals(maxMessageBytes);
  const context = createHostContext(connections, tokenCheckOf(options, ownTokens), arrivals, log);
  const callsAtOnce = longCallsAtOnce + otherCallsAtOnce;
  const server = new Server(serverOptions(options, context.gate, callsAtOnce));
  const { services, work = noWork } = hosting.services(context);
  for (const { definition, handlers } of services) server.addService(asByteStreams(definition), handlers);
  const health = new Health(serviceNames);
  health.addTo(server, context);
  if (hosting.reflectedFiles !== undefined) addReflection(server, context, hosting.reflectedFiles);
  const capped = serviceNames.map(pathOf);
  const { shares } = context;
  const reception = createReception({
    connections,
    shares,
    arrivals,
    capped,
    maxMessageBytes,
    callsAtOnce,
    log,
  });
  const injector = createInjector(server, reception);
  const { host, tls, drainTimeoutMs } = options;
  const open = (socket: Parameters<typeof injector.injectConnection>[0]) => injector.injectConnection(socket);
  const listener = await listen({ host, port: options.port, tls, connections, open, log });
  const { port, address } = listener;
  const life = createServerLife({
    server,
    listener,
    connections,
    work,
    health,
    log,
    drainTimeoutMs,
  });
  return { host, port, address, ...life };
}

function pathOf(serviceName: string): string {
  return `/${serviceName}/`;
}

function tokenCheckOf(
  { token }: ResolvedHostOptions,
  ownTokens: Readonly<Record<string, string | undefined>>,
) {
  const given = new Map<string, string>();
  const closed: string[] = [];
  for (const [name, own] of Object.entries(ownTokens)) {
    if (own === undefined) closed.push(pathOf(name));
    else given.set(pathOf(name), own);
  }
  return createTokenCheck({ token, ownTokens: given, closed });
}

function serverOptions(
  { maxMessageBytes }: ResolvedHostOptions,
  gate: Gate,
  callsAtOnce: number,
): ServerOptions {
  return {
    interceptors: [gate.interceptor],
    'grpc.max_receive_message_length': maxMessageBytes,
    // Services measure their replies: gRPC's own end of a stream has no code of ours.
    'grpc.max_send_message_length': -1,
    // Liveness comes from the connection, not from how often a client calls: a trainer may think for minutes.
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.max_concurrent_streams': callsAtOnce,
    'grpc.max_connection_idle_ms': idleConnectionMs,
    'grpc.enable_channelz': 0,
  };
}
