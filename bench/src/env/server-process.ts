/** A gymwire server and a raw TCP echo in a process of their own. */
import { startEnvServer } from '@gymwire/env-server';
import { serveTcpEcho } from '../wire/echo.ts';
import { benchRegistry } from './served-envs.ts';

export interface EnvServerPorts {
  readonly address: string;
  readonly echo: number;
}

const { address } = await startEnvServer({ port: 0, registry: benchRegistry() });
const { port: echo } = await serveTcpEcho();
const ports: EnvServerPorts = { address, echo };
process.send?.(ports);
process.on('disconnect', () => process.exit());
