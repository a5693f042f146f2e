import { connect } from 'node:net';
import { parseServerAddress } from '@gymwire/protocol/wire';

const patienceMs = 2_000;

/**
 * Returns whether something listens at an address of this machine. False only where the system says that nothing does: what is
 * slow is there.
 */
export async function isListening(address: string): Promise<boolean> {
  const server = parseServerAddress(address, false);
  const where = server.kind === 'unix' ? { path: server.path } : { host: server.host, port: server.port };
  const socket = connect({ ...where, timeout: patienceMs });
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('timeout', () => resolve(true));
      socket.once('error', ({ code }: NodeJS.ErrnoException) =>
        resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
      );
    });
  } finally {
    socket.destroy();
  }
}
