import { readFile } from 'node:fs/promises';

/** The text of a file that a flag names. @throws AgentError FILE_UNREADABLE */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const { AgentError } = await import('@gymwire/agent-sdk');
    throw new AgentError('FILE_UNREADABLE', `${path}: ${reason}`, { cause: error });
  }
}

/**
 * The text of a file that is shown to a server or says whom to trust. A server loads agent-sdk for it only where it has such a file.
 * @throws AgentError FILE_UNREADABLE; INVALID_OPTION for one that everybody can write
 */
export async function readTrusted(flag: string, path: string): Promise<string> {
  const { readTrustedFile } = await import('@gymwire/agent-sdk/parts');
  return readTrustedFile(flag, path);
}
