/** How long until Pendulum-v1 is solved, ours beside Stable-Baselines3, seed by seed in turn. */
import { fileURLToPath } from 'node:url';
import { publish } from '../results/publish.ts';
import { placeOn, threadLimits } from '../support/placement.ts';
import { findPeersPython, howToGetPeers, pythonScript } from '../support/python-peers.ts';
import { formatNotes, formatTable, type Row } from '../support/report.ts';
import { startSubjects } from '../support/rounds.ts';
import { median } from '../support/statistics.ts';
import type { Subject } from '../support/subject.ts';

export interface SolveSettings {
  /** Mean return of an evaluation that counts as solved. */
  readonly stopAtReturn: number;
  readonly episodes: number;
  /** Steps between two evaluations. */
  readonly interval: number;
  readonly maxSteps: number;
}

const settings: SolveSettings = { stopAtReturn: -200, episodes: 20, interval: 1000, maxSteps: 50_000 };

interface Solved {
  readonly subject: string;
  readonly seed: number;
  readonly envSteps: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly meanReturn: number;
}

export async function runSolveBench(cores: number, seeds: number, save: boolean): Promise<void> {
  const json = JSON.stringify(settings);
  const placement = placeOn(cores);
  const specs = [
    {
      name: 'gymwire',
      command: process.execPath,
      args: [fileURLToPath(new URL('./our-solver.js', import.meta.url)), json],
    },
    ...['zoo', 'same'].map((preset) => ({
      name: preset === 'zoo' ? 'sb3, RL Zoo' : 'sb3, our preset',
      command: findPeersPython(),
      args: [pythonScript('solve_subject.py'), preset, json],
      environment: threadLimits(1),
    })),
  ];
  const { subjects, missing } = await startSubjects(specs, placement);
  const solved: Solved[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    for (const subject of subjects) solved.push(await solve(subject, seed));
  }
  for (const subject of subjects) await subject.stop();

  const introductions = subjects.map(({ name, introduction }) => ({ name, ...introduction }));
  const text = [
    `First evaluation of at least ${settings.stopAtReturn} over ${settings.episodes} episodes, evaluated every ${settings.interval} steps, ${settings.maxSteps} steps at most; ${placement.description}`,
    formatTable([...solved.map(rowOf), ...subjects.map(({ name }) => medianRow(name, solved))]),
    formatNotes(introductions, missing, howToGetPeers),
  ].join('\n\n');
  // Of our own runs; the peers have seedings of theirs.
  const data = { settings, placement, seeding: 2, solved, introductions, missing };
  publish({ name: 'solve-pendulum', title: 'Pendulum-v1 until solved', text, data }, save);
}

async function solve(subject: Subject, seed: number): Promise<Solved> {
  const { seconds, cpuSeconds, extra = {} } = await subject.run(seed);
  const { envSteps = 0, meanReturn = -Infinity } = extra;
  process.stderr.write(`${subject.name}, seed ${seed}: ${envSteps} steps, ${seconds.toFixed(1)} s\n`);
  return { subject: subject.name, seed, envSteps, seconds, cpuSeconds, meanReturn };
}

function rowOf({ subject, seed, envSteps, seconds, cpuSeconds, meanReturn }: Solved): Row {
  const isSolved = meanReturn >= settings.stopAtReturn;
  return {
    subject,
    seed,
    'env steps': isSolved ? envSteps : `not in ${envSteps}`,
    'mean return': meanReturn.toFixed(0),
    seconds: seconds.toFixed(1),
    'CPU seconds': cpuSeconds.toFixed(1),
  };
}

function medianRow(subject: string, solved: readonly Solved[]): Row {
  const own = solved.filter((run) => run.subject === subject);
  const of = (key: 'envSteps' | 'seconds' | 'cpuSeconds' | 'meanReturn') =>
    median(own.map((run) => run[key]));
  return {
    subject,
    seed: 'median',
    'env steps': of('envSteps'),
    'mean return': of('meanReturn').toFixed(0),
    seconds: of('seconds').toFixed(1),
    'CPU seconds': of('cpuSeconds').toFixed(1),
  };
}
