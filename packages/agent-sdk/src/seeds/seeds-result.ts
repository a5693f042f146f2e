import { type ReturnsSummary, summarizeReturns } from '../statistics/summarize-returns.ts';
import type { SeedRun, SeedsResult } from './seeds-request.ts';

/** What a group has come to. Runs that have not ended well are in no figure over seeds: they had fewer steps. */
export function resultOf(runs: readonly SeedRun[]): SeedsResult {
  const ended = runs.filter(({ status }) => status === 'completed' || status === 'solved');
  return {
    status: statusOf(runs),
    runs,
    last: summaryOf(ended.map(({ lastReturn }) => lastReturn)),
    best: summaryOf(ended.map(({ bestReturn }) => bestReturn)),
  };
}

function statusOf(runs: readonly SeedRun[]): SeedsResult['status'] {
  if (runs.some(({ status }) => status === 'interrupted' || status === 'waiting')) return 'interrupted';
  return runs.some(({ status }) => status === 'failed') ? 'failed' : 'completed';
}

function summaryOf(returns: ReadonlyArray<number | null>): ReturnsSummary | null {
  const known = returns.filter((one) => one !== null);
  return known.length === 0 ? null : summarizeReturns(known);
}
