/** Commands take a run's folder, an .onnx file, or either. */
import { stat } from 'node:fs/promises';
import { exportCommand } from './next-command.ts';
import { UsageError } from './usage-error.ts';

/** Returns whether a run may be there: an .onnx file is no folder. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Refuses a run's folder, for commands that take an exported policy only. @throws UsageError for a run's folder */
export async function refuseFolder(path: string): Promise<void> {
  if (!(await isFolder(path))) return;
  throw new UsageError(`${path} is a folder; export the run first: ${exportCommand(path)}`);
}
