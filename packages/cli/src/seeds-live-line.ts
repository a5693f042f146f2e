/** A run's line on a terminal: as much of it as the width holds. */
import type { ProgressEvent } from '@gymwire/agent-sdk';
import { round } from './output.ts';
import { duration } from './progress.ts';

/** What is known of a run under way. */
export interface LiveRun {
  readonly seed: number;
  envSteps: number;
  /** Null before the run has begun. */
  totalEnvSteps: number | null;
  stepsPerSecond: number;
  lastReturn: number | null;
  /** What is known of an evaluation under way. */
  evaluating: string | null;
}

export function newLiveRun(seed: number): LiveRun {
  return { seed, envSteps: 0, totalEnvSteps: null, stepsPerSecond: 0, lastReturn: null, evaluating: null };
}

export function takeEvent(run: LiveRun, event: ProgressEvent): void {
  switch (event.type) {
    case 'start':
    case 'step':
      run.evaluating = null;
      run.envSteps = event.envSteps;
      run.totalEnvSteps = event.totalEnvSteps;
      break;
    case 'training':
      run.stepsPerSecond = event.timing.envStepsPerSecond;
      break;
    case 'evaluating':
      run.evaluating = `evaluating ${event.episodesEnded}/${event.episodes}`;
      break;
    case 'evaluation':
      run.evaluating = null;
      run.lastReturn = event.meanReturn;
      break;
    default:
  }
}

const longestBar = 20;
const shortestBar = 5;

/** What does not fit is left out from the right, and the bar takes what is left. */
export function liveLine(run: LiveRun, width: number): string {
  const { seed, envSteps, totalEnvSteps: total } = run;
  const name = `seed ${seed}`.padEnd(7);
  if (total === null) return `${name} starting`.slice(0, width);
  const share = Math.min(1, envSteps / total);
  const percent = `${Math.floor(100 * share)}%`.padStart(4);
  const parts = [
    percent,
    `${envSteps}/${total}`.padStart(2 * String(total).length + 1),
    ...figuresOf(run, total),
  ];
  const room = () => width - name.length - parts.reduce((sum, part) => sum + part.length + 2, 0) - 1;
  while (room() < shortestBar && parts.length > 1) parts.pop();
  const bar = Math.max(0, Math.min(longestBar, room()));
  const full = Math.round(share * bar);
  return [`${name} ${'█'.repeat(full)}${'░'.repeat(bar - full)}`, ...parts]
    .join('  ')
    .slice(0, width)
    .trimEnd();
}

function figuresOf({ envSteps, stepsPerSecond, lastReturn, evaluating }: LiveRun, total: number): string[] {
  const ret = `return ${lastReturn === null ? '–' : round(lastReturn)}`.padEnd(14);
  const rate = stepsPerSecond === 0 ? '–/s' : `${Math.round(stepsPerSecond)}/s`;
  const left = stepsPerSecond === 0 ? '' : `${duration((total - envSteps) / stepsPerSecond)} left`;
  return [ret, rate.padStart(6), evaluating ?? left];
}

/** The line of the whole group. */
export function totalLine(counts: {
  readonly seeds: number;
  readonly ended: number;
  readonly failed: number;
  readonly live: number;
}): string {
  const { seeds, ended, failed, live } = counts;
  const bad = failed === 0 ? '' : ` (${failed} failed)`;
  return `${ended} of ${seeds} runs over${bad}, ${live} under way, ${seeds - ended - live} waiting`;
}
