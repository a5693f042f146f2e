/** A gymwire server and raw TCP echoes in a process of their own: `server-process.js [id]`. */
import { startEnvServer } from '@gymwire/env-server';
import { serveTcpEcho } from '../wire/echo.ts';
import { actionTable } from './actions.ts';
import { benchRegistry } from './served-envs.ts';
import { createSimulator } from './simulator.ts';

export interface EnvServerPorts {
  readonly address: string;
  readonly echo: number;
  /** Of an echo that steps the environment before it answers; only where an id was given. */
  readonly busyEcho: number | undefined;
}

const { address } = await startEnvServer({ port: 0, registry: benchRegistry() });
const { port: echo } = await serveTcpEcho();
const [envId] = process.argv.slice(2);
const busyEcho = envId === undefined ? undefined : await serveBusyEcho(envId);
const ports: EnvServerPorts = { address, echo, busyEcho };
process.send?.(ports);
process.on('disconnect', () => process.exit());

async function serveBusyEcho(id: string): Promise<number> {
  const { step, actionSpace } = await createSimulator(id);
  const actionAt = actionTable(actionSpace, 1);
  let time = 0;
  const { port } = await serveTcpEcho(() => void step(actionAt(time++)));
  return port;
}
