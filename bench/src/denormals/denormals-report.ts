/** The tables of the denormals benchmark. */
import type { Row } from '../support/report.ts';
import { median } from '../support/statistics.ts';

/** A window of the run. */
export interface Sample {
  /** Updates at its end. */
  readonly updates: number;
  /** The median update's. */
  readonly updateMs: number;
  /** Time of the learner's thread, an update; NaN where it is not known, and JSON has null. */
  readonly learnerCpuMs: number;
  readonly rss: number;
  readonly heapUsed: number;
}

export interface Series {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly denormals: number;
}

/** @param startUntil @param endFrom numbers of updates */
export function timeRow({ name, samples, denormals }: Series, startUntil: number, endFrom: number): Row {
  const start = samples.filter(({ updates }) => updates <= startUntil);
  const end = samples.filter(({ updates }) => updates > endFrom);
  const of = (part: readonly Sample[], key: 'updateMs' | 'learnerCpuMs') =>
    median(part.map((sample) => sample[key]));
  const ratio = (key: 'updateMs' | 'learnerCpuMs') => (of(end, key) / of(start, key)).toFixed(2);
  return {
    moments: name,
    'ms at the start': of(start, 'updateMs').toFixed(3),
    'ms at the end': of(end, 'updateMs').toFixed(3),
    'end / start': ratio('updateMs'),
    'CPU ms at the start': of(start, 'learnerCpuMs').toFixed(3),
    'CPU ms at the end': of(end, 'learnerCpuMs').toFixed(3),
    'end / start, CPU': ratio('learnerCpuMs'),
    'denormals at the end': denormals,
  };
}

export function memoryRows({ name, samples }: Series): Row[] {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return Array.from({ length: 5 }, (_, fifth) => {
    const at = (part: number) => Math.floor((samples.length * part) / 5);
    const part = samples.slice(at(fifth), at(fifth + 1));
    return {
      moments: name,
      'updates until': part.at(-1)?.updates ?? 0,
      'RSS MB': megabytes(median(part.map(({ rss }) => rss))),
      'heap MB': megabytes(median(part.map(({ heapUsed }) => heapUsed))),
    };
  });
}
