import { cpus, totalmem } from 'node:os';

/** What a figure was measured on, for the head of every table. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu.model.trim()}, ${cpus().length} cores, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
}

/**
 * The folder of a machine's results: `intel-xeon-2` is an Intel Xeon of two cores.
 * @param machine as `describeMachine` has it
 */
export function machineFolder(machine: string): string {
  const [model = '', cores = ''] = machine.split(', ');
  const name = model
    .replaceAll(/\((?:r|tm)\)|\b(?:processor|cpu)\b|@.*/gi, ' ')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${name}-${Number.parseInt(cores, 10)}`;
}
