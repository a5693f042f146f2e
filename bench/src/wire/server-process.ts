/** The other process of the wire bench: a gymwire server and the echoes. */
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { serveGrpcEcho, serveTcpEcho } from './echo.ts';
import { unixHost } from './unix-host.ts';

export interface ServerPorts {
  readonly gymwire: string;
  /** The same on a Unix socket; undefined on Windows, which has none. */
  readonly unix: string | undefined;
  readonly tcp: number;
  readonly grpc: number;
}

const { address } = await startEnvServer({ envs: builtinEnvs, port: 0 });
const host = unixHost();
const unix = host === undefined ? undefined : (await startEnvServer({ envs: builtinEnvs, host })).address;
const { port: tcp } = await serveTcpEcho();
const ports: ServerPorts = { gymwire: address, unix, tcp, grpc: await serveGrpcEcho() };
process.send?.(ports);
process.on('disconnect', () => process.exit());
