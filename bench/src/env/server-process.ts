/** A gymwire server and raw TCP echoes in a process of their own: `server-process.js [id]`. */
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { serveGrpcEcho, serveTcpEcho } from '../wire/echo.ts';
import { actionTable } from './actions.ts';
import { createSimulator } from './simulator.ts';

export interface EnvServerPorts {
  readonly address: string;
  readonly echo: number;
  /** Ports of echoes that step the environment before they answer, raw TCP and a bare grpc-js stream; where an id was given. */
  readonly busyEcho: number | undefined;
  readonly busyStream: number | undefined;
}

const { address } = await startEnvServer({ port: 0, envs: builtinEnvs });
const { port: echo } = await serveTcpEcho();
const [envId] = process.argv.slice(2);
const busyEcho = envId === undefined ? undefined : (await serveTcpEcho(await stepperOf(envId))).port;
const busyStream = envId === undefined ? undefined : await serveGrpcEcho(await stepperOf(envId));
const ports: EnvServerPorts = { address, echo, busyEcho, busyStream };
process.send?.(ports);
process.on('disconnect', () => process.exit());

async function stepperOf(id: string): Promise<() => void> {
  const { step, actionSpace } = await createSimulator(id);
  const actionAt = actionTable(actionSpace, 1);
  let time = 0;
  return () => void step(actionAt(time++));
}
