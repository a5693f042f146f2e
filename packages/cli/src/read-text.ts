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
