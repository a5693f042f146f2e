/** What it costs to keep a session in a worker or a process: a step, the start, memory. */

import { isolations } from '@gymwire/env';
import { createEnvRegistry, createSessionStore, type Session } from '@gymwire/env-server';
import { pino } from 'pino';
import { actionTable } from '../env/actions.ts';
import { actionTensor } from '../env/local-session.ts';
import { publish } from '../results/publish.ts';
import { parseOnce, positiveInteger } from '../support/option-values.ts';
import { formatTable, type Row } from '../support/report.ts';
import { median } from '../support/statistics.ts';
import { isolatedEnvs } from './isolated-envs.ts';

const places = ['server', ...isolations] as const;
type Place = (typeof places)[number];

const stepsPerRound = 200;
/** V8 compiles both ends in several rounds. */
const warmUpRounds = 20;
const startsMeasured = 7;
const limits = { maxSessions: 64, maxNumEnvs: 64, maxTotalEnvs: 4096, idleTimeoutMs: 2 ** 31 - 1 };

interface Cost {
  readonly place: Place;
  readonly envId: string;
  readonly numEnvs: number;
  readonly stepUs: number;
  readonly startMs: number;
  readonly sessionMb: number;
}

export async function runIsolationBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'isolation',
    summary: "What a session costs in the server's thread, in a worker and in a process.",
    args: [...args],
    options: {
      envs: { type: 'string', default: '8', what: 'environments in the vector' },
      rounds: { type: 'string', default: '40', what: 'rounds of steps, in turn' },
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
    },
  });
  const rounds = positiveInteger('rounds', values.rounds);
  const costs: Cost[] = [];
  for (const envId of ['Pendulum-v1', 'HalfCheetah-v5']) {
    for (const numEnvs of [1, positiveInteger('envs', values.envs)]) {
      process.stderr.write(`${envId}, ${numEnvs} …\n`);
      costs.push(...(await measure(envId, numEnvs, rounds)));
    }
  }
  const text = [
    `A session's step without the wire, medians of ${rounds} rounds in turn; the start of a session, median of ` +
      `${startsMeasured}; memory of one more session, in the server or in its process.`,
    formatTable(costs.map((cost) => rowOf(cost, costs))),
  ].join('\n\n');
  publish({ name: 'isolation', title: 'Sessions of their own', text, data: costs }, values.save);
}

function rowOf({ envId, numEnvs, place, stepUs, startMs, sessionMb }: Cost, all: readonly Cost[]): Row {
  const own = all.find((cost) => cost.envId === envId && cost.numEnvs === numEnvs && cost.place === 'server');
  return {
    environment: envId,
    environments: numEnvs,
    'runs in': place,
    'µs a step': stepUs.toFixed(1),
    'µs more': (stepUs - (own?.stepUs ?? stepUs)).toFixed(1),
    'start, ms': startMs.toFixed(0),
    'MB a session': sessionMb.toFixed(0),
  };
}

async function measure(envId: string, numEnvs: number, rounds: number): Promise<Cost[]> {
  const stores = places.map(storeOf);
  const make = (i: number) => stores[i].make({ envId, ...(numEnvs > 1 && { numEnvs }) });
  const costs: Array<Omit<Cost, 'stepUs'>> = [];
  const played: Session[] = [];
  for (const [i, place] of places.entries()) {
    const starts: number[] = [];
    const before = process.memoryUsage.rss() / 2 ** 20;
    const sessions: Session[] = [];
    for (let k = 0; k < startsMeasured; k++) {
      const start = performance.now();
      sessions.push(await make(i));
      starts.push(performance.now() - start);
    }
    const sessionMb = await memoryOf(place, sessions, before);
    costs.push({ place, envId, numEnvs, startMs: median(starts), sessionMb });
    for (const session of sessions.slice(1)) await session.close();
    played.push(sessions[0]);
  }
  const stepUs = await stepTimes(played, rounds);
  for (const session of played) await session.close();
  return costs.map((cost, i) => ({ ...cost, stepUs: stepUs[i] }));
}

function storeOf(place: Place) {
  const module = { url: new URL('./isolated-envs.js', import.meta.url), exportName: 'isolatedEnvs' };
  const hosting = place === 'server' ? {} : { isolate: place, module };
  const registry = createEnvRegistry(isolatedEnvs.map((registration) => ({ ...registration, ...hosting })));
  return createSessionStore(registry, { ...limits, envThreads: 1 }, pino({ level: 'silent' }));
}

async function memoryOf(place: Place, sessions: readonly Session[], before: number): Promise<number> {
  const told: number[] = [];
  for (const session of sessions) {
    const { infos } = await session.reset({ seed: 1 });
    told.push(Number(infos.get(0)?.rss_mb));
  }
  if (place === 'process') return median(told);
  return (process.memoryUsage.rss() / 2 ** 20 - before) / sessions.length;
}

/** In turn, round by round. @returns for each session the median of its rounds, µs */
async function stepTimes(sessions: readonly Session[], rounds: number): Promise<number[]> {
  const times = sessions.map((): number[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [i, session] of sessions.entries()) {
      const actionAt = actionTable(session.description.actionSpace, session.numEnvs);
      const start = performance.now();
      for (let k = 0; k < stepsPerRound; k++) {
        const { terminated, truncated } = await session.step(actionTensor(session, actionAt(k)));
        const isOver = session.description.numEnvs === undefined && (terminated[0] || truncated[0]);
        if (isOver) await session.reset({});
      }
      if (round >= 0) times[i].push(((performance.now() - start) * 1e3) / stepsPerRound);
    }
  }
  return times.map(median);
}
