/** A server to talk to: the one that was named, or one of our own in a worker thread. Both through gRPC. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { connect, type EnvConnection, type MakeEnv } from '@gymwire/agent-sdk';
import type { Value, ValueDict } from '@gymwire/protocol';
import type { JsonArgument } from './parse-arguments.ts';

export interface ServerLink {
  readonly connection: EnvConnection;
  /** For people: "127.0.0.1:50051", or that it is our own. */
  readonly description: string;
  close(): Promise<void>;
}

/** @param address absent: start our own */
export async function linkServer(address: string | undefined): Promise<ServerLink> {
  if (address !== undefined) {
    const connection = await connect(address);
    return {
      connection,
      description: `${connection.server.server} at ${address}`,
      close: async () => connection.close(),
    };
  }
  const worker = new Worker(new URL('./server-thread.js', import.meta.url));
  // A thread that fails to start rejects here.
  const [own] = (await once(worker, 'message')) as [string];
  const connection = await connect(own);
  return {
    connection,
    description: `its own server at ${own}`,
    async close() {
      connection.close();
      worker.postMessage('shutdown');
      await once(worker, 'exit');
    },
  };
}

/** JSON numbers without a fraction are ints, which serve as floats too. */
export function wireArguments(json: Readonly<Record<string, JsonArgument>>): ValueDict {
  const wire = (value: JsonArgument): Value => {
    return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  };
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, wire(value)]));
}

/** Environments for training and evaluation on one connection. */
export function remoteEnvs({ connection }: ServerLink): MakeEnv {
  return ({ envId, numEnvs, autoresetMode, envArguments, maxEpisodeSteps }) =>
    connection.makeVector(envId, {
      numEnvs: Math.min(numEnvs, connection.server.maxNumEnvs),
      autoresetMode,
      arguments: wireArguments(envArguments),
      ...(maxEpisodeSteps === null ? {} : { maxEpisodeSteps }),
    });
}
