import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a server may listen that is on no port: in a folder that ends with this process. Undefined on Windows. */
export function unixHost(): string | undefined {
  if (process.platform === 'win32') return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return `unix:${join(folder, 'gym.sock')}`;
}
