import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect, type EnvConnection } from '@gymwire/agent-sdk';
import type { ServerMessage } from './server-process.ts';

export interface ServerLink {
  readonly connection: EnvConnection;
  /** CPU time of the server's process so far. */
  cpuSeconds(): Promise<number>;
  close(): void;
}

/** Starts a server in a process of its own and connects to it. */
export async function startServer(): Promise<ServerLink> {
  const child = fork(fileURLToPath(new URL('./server-process.js', import.meta.url)));
  const [message] = (await once(child, 'message')) as [ServerMessage];
  if (message.kind !== 'address') throw new Error('the server told no address');
  const connection = await connect(message.address);
  return {
    connection,
    async cpuSeconds() {
      child.send('cpu');
      const [answer] = (await once(child, 'message')) as [ServerMessage];
      if (answer.kind !== 'cpu') throw new Error('the server told no CPU time');
      return answer.seconds;
    },
    close() {
      connection.close();
      child.disconnect();
    },
  };
}
