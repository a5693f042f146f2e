/** CPU time of single threads of this process, which Linux tells; elsewhere nothing is known. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const tasks = '/proc/self/task';

export type ThreadIds = readonly string[];

/** Ids of all threads that there are now. */
export function threadIds(): ThreadIds {
  return existsSync(tasks) ? readdirSync(tasks) : [];
}

/** Time of these threads together, so far; NaN where it is not known. */
export function threadCpuSeconds(ids: ThreadIds): number {
  if (ids.length === 0) return Number.NaN;
  // The first number is the time on a core, in nanoseconds.
  return ids.reduce(
    (sum, id) => sum + Number(readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e9,
    0,
  );
}
