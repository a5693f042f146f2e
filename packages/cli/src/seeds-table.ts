/** What a group of runs has come to, in columns that fit 80 characters. */
import type { ReturnsSummary, SeedFailure, SeedRun, SeedsResult } from '@gymwire/agent-sdk/parts';
import { round } from './output.ts';
import { formatColumns } from './text-table.ts';

const none = '–';

/** A line a run, and below what they come to together. */
export function describeSeeds({ runs, last, best }: SeedsResult): string[] {
  const rows = runs.map((run) => ({
    seed: String(run.seed),
    status: statusOf(run),
    steps: String(run.envSteps),
    'last return': shown(run.lastReturn),
    'best return': shown(run.bestReturn),
    'at step': run.bestEnvSteps === null ? none : String(run.bestEnvSteps),
  }));
  const lines = formatColumns(rows, new Set(['seed', 'steps', 'last return', 'best return', 'at step']));
  const summaries = [rowOf('last return', last), rowOf('best return', best)].flatMap((row) => row ?? []);
  if (summaries.length === 0) return [...lines, '', 'no run has ended: there is nothing to say of all'];
  const numbers = new Set(['runs', 'mean', 'std', 'IQM', '95 % of the IQM']);
  return [...lines, '', ...formatColumns(summaries, numbers), ...explain(runs, last)];
}

function rowOf(name: string, summary: ReturnsSummary | null) {
  if (summary === null) return undefined;
  const { runs, mean, std, iqm, interval } = summary;
  const range = interval === null ? none : `${round(interval.low)} … ${round(interval.high)}`;
  return {
    'over seeds': name,
    runs: String(runs),
    mean: round(mean),
    std: shown(std),
    IQM: round(iqm),
    '95 % of the IQM': range,
  };
}

function explain(runs: readonly SeedRun[], last: ReturnsSummary | null): string[] {
  const missing = runs.length - (last?.runs ?? 0);
  const without =
    missing === 0
      ? []
      : [
          `${missing} of ${runs.length} runs ${missing === 1 ? 'has' : 'have'} not ended, and ${missing === 1 ? 'is' : 'are'} not in it`,
        ];
  return [
    ...without,
    'std: n − 1. IQM: mean without the lowest and the highest quarter; interval by',
    'stratified bootstrap',
  ];
}

export function describeFailure({ code, message }: SeedFailure): string {
  return `error ${code}: ${message}`;
}

/** A line for each thing that went wrong, whatever number of runs it ended. */
export function describeFailures(runs: readonly SeedRun[]): string[] {
  const seedsOf = new Map<string, number[]>();
  for (const { seed, failure } of runs) {
    if (failure === undefined) continue;
    const text = describeFailure(failure);
    seedsOf.set(text, [...(seedsOf.get(text) ?? []), seed]);
  }
  return [...seedsOf].map(([text, seeds]) => `seed ${seeds.join(', ')}: ${text}`);
}

/** In a word or two. */
export function statusOf({ status, isUntouched, failure }: SeedRun): string {
  if (status === 'failed') return `failed: ${failure?.code}`;
  return isUntouched && status !== 'waiting' ? `${status} before` : status;
}

function shown(value: number | null): string {
  return value === null ? none : round(value);
}
