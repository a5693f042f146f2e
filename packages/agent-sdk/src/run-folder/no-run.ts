/** Why there is no run in a folder: nothing is there, a file is, or a folder without one. */
import { stat } from 'node:fs/promises';
import { AgentError } from '../errors.ts';
import { nearbyRuns } from './nearby-runs.ts';

/**
 * @param file what a run would have
 * @param what would be there: "run", "group of runs"
 */
export async function noRunIn(folder: string, file: string, what = 'run'): Promise<AgentError> {
  return new AgentError('RUN_NOT_FOUND', await whyNone(folder, file, what));
}

async function whyNone(folder: string, file: string, what: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return `there is nothing at ${folder}${await nearbyRuns(folder)}`;
  if (found.isDirectory())
    return `${folder}: holds no ${what} (${file} is missing)${await nearbyRuns(folder)}`;
  const exported = folder.endsWith('.onnx') ? ': an .onnx file is a policy that was exported already' : '';
  return `${folder} is a file, expected the folder of a ${what}${exported}`;
}
