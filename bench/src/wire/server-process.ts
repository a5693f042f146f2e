/** The other process of the wire bench: a gymwire server and both echoes. */
import { startEnvServer } from '@gymwire/env-server';
import { serveTcpEcho, serveUnaryEcho } from './echo.ts';

export interface ServerPorts {
  readonly gymwire: string;
  readonly tcp: number;
  readonly unary: number;
}

const { address } = await startEnvServer({ port: 0 });
const { port: tcp } = await serveTcpEcho();
const ports: ServerPorts = { gymwire: address, tcp, unary: await serveUnaryEcho() };
process.send?.(ports);
process.on('disconnect', () => process.exit());
