/** Many gymwire servers in one process: `fleet-servers.js <count>`; tells their addresses. */
import { startEnvServer } from '@gymwire/env-server';
import { benchEnvs } from '../train/bench-envs.ts';

const count = Number(process.argv[2]);
const servers = await Promise.all(
  Array.from({ length: count }, () => startEnvServer({ port: 0, envs: benchEnvs })),
);
process.send?.(servers.map(({ address }) => address));
process.on('disconnect', () => process.exit());
