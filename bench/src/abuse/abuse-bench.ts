/**
 * What hostile clients do to a server's other clients: each attack in turn, while a neighbour plays seeded episodes
 * and new clients arrive. How long they wait for answers, whether the episodes are the same to the last bit, and what
 * is left in the server's memory.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { publish } from '../results/publish.ts';
import { parseOnce } from '../support/option-values.ts';
import { howToGetWirePeers } from '../support/python-peers.ts';
import { formatTable, type Row } from '../support/report.ts';
import { SubjectMissing } from '../support/subject.ts';
import { type AbusedServer, startAbused } from './abused-servers.ts';
import type { Attack } from './attack.ts';
import { attacks } from './attacks.ts';
import type { NeighbourReport } from './neighbour-process.ts';
import { highest, type Usage, usageOf } from './usage.ts';

const idleMs = 4000;
/** At least so long is watched. */
const leastMs = 3000;
/** After an attack, until memory is read again. */
const restMs = 5000;
const kinds = ['typescript', 'python'] as const;

const legend = `Milliseconds until a neighbour had the answer to a step or reset (p99, the longest), and until a new client
had connected, shaken hands and listed the environments; resident memory of the server's process in MiB and its
descriptors: before, at most, ${restMs / 1000} s after the attack. In use: what is left of the memory after a garbage collection, before
and after, where the server can be asked; the rest is the allocator's, for the next time.`;

export async function runAbuseBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'abuse',
    summary: 'What hostile and broken clients do to a server and to a neighbour who plays on it.',
    args: [...args],
    options: {
      servers: { type: 'string', default: kinds.join(), what: 'servers to attack' },
      only: { type: 'string', default: '', what: 'part of the names of the attacks to try' },
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const chosen = attacks.filter(({ name }) => name.includes(values.only));
  const sections: string[] = [legend];
  const data: Record<string, readonly Row[]> = {};
  for (const kind of kinds.filter((name) => values.servers.split(',').includes(name))) {
    try {
      const server = await startAbused[kind]();
      try {
        const rows = await attackAll(server, chosen);
        data[server.name] = rows;
        sections.push(`## ${server.name}`, formatTable(rows));
      } finally {
        await server.stop();
      }
    } catch (error) {
      if (!(error instanceof SubjectMissing)) throw error;
      sections.push(`${kind} is missing: ${error.message}; ${howToGetWirePeers}`);
    }
  }
  const report = {
    name: 'abuse',
    title: 'Hostile clients and their neighbours',
    text: sections.join('\n\n'),
    data,
  };
  publish(report, values.save);
}

async function attackAll(server: AbusedServer, chosen: readonly Attack[]): Promise<readonly Row[]> {
  const program = fileURLToPath(new URL('./neighbour-process.js', import.meta.url));
  const neighbour = fork(program, [server.target.address]);
  try {
    await sleep(idleMs);
    const [expected = ''] = (await ask(neighbour)).digests;
    const rows: Row[] = [];
    const nobody: Attack = { name: 'none', run: () => sleep(idleMs) };
    for (const attack of [nobody, ...chosen]) {
      const row = await watch(server, neighbour, attack, expected);
      console.log(formatTable([row]));
      rows.push(row);
      if (!server.isAlive()) break;
    }
    return rows;
  } finally {
    neighbour.disconnect();
  }
}

async function watch(
  { pid, target, isAlive, liveMemory }: AbusedServer,
  neighbour: ChildProcess,
  attack: Attack,
  expected: string,
): Promise<Row> {
  const live = [await liveMemory()];
  await ask(neighbour);
  const before = usageOf(pid);
  let peak = before;
  const reading = setInterval(() => (peak = highest(peak, usageOf(pid))), 50);
  // What it has left behind belongs to it; and the neighbour needs time for a whole episode.
  await Promise.all([attack.run(target).then(() => sleep(500)), sleep(leastMs)]);
  const { answersMs, newClientsMs, digests, faults } = await ask(neighbour);
  await sleep(restMs);
  live.push(await liveMemory());
  clearInterval(reading);
  const after = usageOf(pid);
  const three = (unit: keyof Usage) =>
    [before, peak, after].map((usage) => usage[unit].toFixed(0)).join(' → ');
  const isEqual = digests.length > 0 && digests.every((digest) => digest === expected);
  return {
    attack: isAlive() ? attack.name : `${attack.name}: THE SERVER DIED`,
    'answers p99': percentile(answersMs, 0.99),
    max: percentile(answersMs, 1),
    'new clients p99': percentile(newClientsMs, 0.99),
    MiB: three('memory'),
    'in use': live.map((mebibytes) => (Number.isNaN(mebibytes) ? '-' : mebibytes.toFixed(0))).join(' → '),
    descriptors: three('descriptors'),
    episodes: faults[0] ?? (isEqual ? 'bit-equal' : 'DIFFERENT, or none'),
  };
}

async function ask(neighbour: ChildProcess): Promise<NeighbourReport> {
  neighbour.send('report');
  const [report] = (await once(neighbour, 'message')) as [NeighbourReport];
  return report;
}

function percentile(values: readonly number[], q: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1);
  return sorted.length === 0 ? '-' : sorted[at].toFixed(1);
}
