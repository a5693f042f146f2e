/** Server reflection: generic clients (grpcurl) learn the services from the server itself. */
import { EventEmitter } from 'node:events';
import { Server, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { asByteStreams } from './calls/byte-stream.ts';
import { serveEach } from './calls/serve-open.ts';
import type { HostContext } from './host-context.ts';

/** A server that nobody can call: it tells what would be added to one. */
class Listing extends Server {
  readonly services: Array<readonly [ServiceDefinition, UntypedServiceImplementation]> = [];

  override addService(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    this.services.push([definition, implementation]);
  }
}

/**
 * The library answers as fast as it is asked, whether or not anybody reads: so it answers here, and its replies leave as
 * those of other calls do.
 * @param files a FileDescriptorProto each, base64
 */
export function addReflection(server: Server, context: HostContext, files: readonly string[]): void {
  const fileDescriptorProtos = files.map((file) => Buffer.from(file, 'base64'));
  // Reflection reads nothing but the files of a definition, whichever kind it is.
  const set = { format: 'Protocol Buffer 3 EnumDescriptorProto', type: {}, fileDescriptorProtos } as const;
  const listing = new Listing();
  new ReflectionService({ files: set }).addToServer(listing);
  for (const [definition, implementation] of listing.services) {
    const handlers = Object.entries(definition).map(([name, { requestDeserialize, responseSerialize }]) => {
      const ask = createDesk(implementation[name]);
      const handler = serveEach(context, (message) => responseSerialize(ask(requestDeserialize(message))));
      return [name, handler] as const;
    });
    server.addService(asByteStreams(definition), Object.fromEntries(handlers));
  }
}

/** One stream for all requests: the library knows nothing of the one before. */
function createDesk(handler: object | undefined): (request: unknown) => unknown {
  const desk = new ReplyDesk();
  if (typeof handler !== 'function') throw new TypeError('@grpc/reflection has no such method');
  Reflect.apply(handler, undefined, [desk]);
  return (request) => desk.ask(request);
}

class ReplyDesk extends EventEmitter {
  #reply: unknown;

  ask(request: unknown): unknown {
    this.#reply = undefined;
    this.emit('data', request);
    if (this.#reply === undefined) throw new TypeError('@grpc/reflection did not answer at once');
    return this.#reply;
  }

  /** What the library does with its answer. */
  write(reply: unknown): boolean {
    this.#reply = reply;
    return true;
  }
}
