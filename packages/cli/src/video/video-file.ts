import { open, rename, rm, stat } from 'node:fs/promises';
import { AgentError } from '@gymwire/agent-sdk';

export interface VideoFile {
  /** Where it grows. */
  readonly partial: string;
  append(bytes: Uint8Array): Promise<void>;
  /** Puts the file in its place. @returns its size in bytes */
  finish(): Promise<number>;
  /** Removes what there is; nothing after `finish`. */
  discard(): Promise<void>;
}

/**
 * A file that takes its name when it is whole; until then it is `<path>.partial`, and an older one stays.
 * @throws AgentError NOT_WRITABLE, DISK_FULL; before anything is played where the folder tells
 */
export async function createVideoFile(path: string): Promise<VideoFile> {
  const partial = `${path}.partial`;
  const guard = async <T>(action: () => Promise<T>): Promise<T> =>
    action().catch((cause: unknown) => {
      throw writeError(path, cause);
    });
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) throw new AgentError('NOT_WRITABLE', `cannot write ${path}: it is a folder`);
  const file = await guard(() => open(partial, 'w'));
  let isOpen = true;
  const close = async () => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    partial,
    append: (bytes) =>
      guard(async () => {
        await file.writeFile(bytes);
      }),
    finish: () =>
      guard(async () => {
        await close();
        await rename(partial, path);
        return (await stat(path)).size;
      }),
    async discard() {
      await close();
      await rm(partial, { force: true });
    },
  };
}

export function writeError(path: string, cause: unknown): AgentError {
  const isFull =
    cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AgentError(isFull ? 'DISK_FULL' : 'NOT_WRITABLE', `cannot write ${path}: ${reason}`, { cause });
}
