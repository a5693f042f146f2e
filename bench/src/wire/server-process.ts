/** The other process of the wire bench: a gymwire server and the echoes. */
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { serveGrpcEcho, serveTcpEcho } from './echo.ts';

export interface ServerPorts {
  readonly gymwire: string;
  readonly tcp: number;
  readonly grpc: number;
}

const { address } = await startEnvServer({ envs: builtinEnvs, port: 0 });
const { port: tcp } = await serveTcpEcho();
const ports: ServerPorts = { gymwire: address, tcp, grpc: await serveGrpcEcho() };
process.send?.(ports);
process.on('disconnect', () => process.exit());
