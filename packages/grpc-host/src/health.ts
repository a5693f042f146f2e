/**
 * grpc.health.v1, for orchestrators, who carry no token. grpc-health-check's own implementation takes what anybody sends:
 * it remembers each name that was watched for ever, and any number of watchers.
 */
import { type Server, status } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { service as definition } from 'grpc-health-check';
import { asByteStreams, type ByteStream } from './calls/byte-stream.ts';
import { serveOpen } from './calls/serve-open.ts';
import type { UnaryCall } from './calls/unary-call.ts';
import type { HostContext } from './host-context.ts';

export type ServingStatus = 'SERVING' | 'NOT_SERVING';

/** Watches of one connection: clients that watch a server have one for all their calls. */
const maxWatches = 4;

const { Check, Watch, List } = definition;

interface Watcher {
  readonly service: string;
  readonly stream: ByteStream;
  readonly call: UnaryCall;
}

export class Health {
  readonly #statuses: Map<string, ServingStatus>;
  readonly #watchers = new Set<Watcher>();

  /** @param services that are served from now on; no other ones come later */
  constructor(services: readonly string[]) {
    // The empty name is the server's own.
    this.#statuses = new Map(['', ...services].map((service) => [service, 'SERVING']));
  }

  /** Sets the status of all services; what watchers know already is not told again. */
  set(newStatus: ServingStatus): void {
    if (this.#statuses.get('') === newStatus) return;
    for (const service of this.#statuses.keys()) this.#statuses.set(service, newStatus);
    for (const watcher of this.#watchers) this.#tell(watcher);
  }

  /** Ends the watches, behind what they have been told: left open, they would keep a server from its end for as long as they may. */
  endWatches(error: GymwireError): void {
    for (const { call } of this.#watchers) call.fail(error);
  }

  addTo(server: Server, context: HostContext): void {
    server.addService(asByteStreams(definition), {
      Check: serveOpen(context, (message) => {
        const found = this.#statuses.get(serviceIn(Check.requestDeserialize(message)));
        if (found !== undefined) return Check.responseSerialize({ status: found });
        return { code: status.NOT_FOUND, details: 'no service of that name is served here' };
      }),
      List: serveOpen(context, () => {
        const statuses = Array.from(this.#statuses, ([service, each]) => [service, { status: each }]);
        return List.responseSerialize({ statuses: Object.fromEntries(statuses) as object });
      }),
      Watch: serveOpen(context, (message, call, stream) => {
        const { connection } = call;
        if (connection.watches === maxWatches) {
          throw new GymwireError('CAPACITY', `this connection watches ${maxWatches} services already`);
        }
        connection.watches += 1;
        const watcher = { service: serviceIn(Watch.requestDeserialize(message)), stream, call };
        this.#watchers.add(watcher);
        call.onEnd(() => {
          connection.watches -= 1;
          this.#watchers.delete(watcher);
        });
        this.#tell(watcher);
        return undefined;
      }),
    });
  }

  #tell({ service, stream }: Watcher): void {
    stream.write(Watch.responseSerialize({ status: this.#statuses.get(service) ?? 'SERVICE_UNKNOWN' }));
  }
}

function serviceIn(request: object): string {
  return (request as { readonly service: string }).service;
}
