/** Subjects measured in turn, again and again: what disturbs the machine disturbs them all. */
import type { Placement } from './placement.ts';
import { median } from './statistics.ts';
import { type Interval, Subject, SubjectMissing, type SubjectSpec } from './subject.ts';

export interface MissingSubject {
  readonly name: string;
  readonly reason: string;
}

export interface Measured {
  readonly name: string;
  readonly version: string;
  readonly includes: string;
  readonly differs: string;
  /** Time of one unit: the run of median and of least length. */
  readonly p50Seconds: number;
  readonly minSeconds: number;
  /** CPU time of one unit over all runs: what a busy machine changes least. */
  readonly cpuSeconds: number;
  /** CPU time / wall clock over all runs; well below one on one core: others took it. */
  readonly cpuPerWall: number;
  /** Seconds of one unit, run by run. */
  readonly runs: readonly number[];
}

export interface RoundsOptions {
  readonly runs: number;
  /** How long a run should take; every subject then gets its own count. */
  readonly secondsPerRun: number;
  /** Counts are multiples of this: an update of the critics only costs less than the one after. */
  readonly multiple: number;
}

/** Starts all that can be started. */
export async function startSubjects(
  specs: readonly SubjectSpec[],
  placement: Placement,
): Promise<{ subjects: Subject[]; missing: MissingSubject[] }> {
  const subjects: Subject[] = [];
  const missing: MissingSubject[] = [];
  for (const spec of specs) {
    process.stderr.write(`starting ${spec.name} … `);
    try {
      subjects.push(await Subject.start(spec, placement));
      process.stderr.write('ready\n');
    } catch (error) {
      if (!(error instanceof SubjectMissing)) throw error;
      missing.push({ name: spec.name, reason: error.message });
      process.stderr.write(`missing: ${error.message}\n`);
    }
  }
  return { subjects, missing };
}

export async function measureInRounds(
  subjects: readonly Subject[],
  options: RoundsOptions,
): Promise<Measured[]> {
  const counts: number[] = [];
  for (const subject of subjects) counts.push(await fittingCount(subject, options));
  const intervals = subjects.map((): Interval[] => []);
  for (let run = 0; run < options.runs; run++) {
    process.stderr.write(`run ${run + 1} of ${options.runs}\n`);
    for (const [i, subject] of subjects.entries()) intervals[i].push(await subject.run(counts[i]));
  }
  return subjects.map(({ name, introduction }, i) => {
    const runs = intervals[i].map(({ seconds }) => seconds / counts[i]);
    const total = (key: 'seconds' | 'cpuSeconds') => intervals[i].reduce((sum, run) => sum + run[key], 0);
    const { version, includes, differs } = introduction;
    const cpuSeconds = total('cpuSeconds') / (counts[i] * options.runs);
    const cpuPerWall = total('cpuSeconds') / total('seconds');
    const [p50Seconds, minSeconds] = [median(runs), Math.min(...runs)];
    return { name, version, includes, differs, p50Seconds, minSeconds, cpuSeconds, cpuPerWall, runs };
  });
}

/** Warms the subject up until its count fills a good part of a run. */
async function fittingCount(subject: Subject, options: RoundsOptions): Promise<number> {
  const { secondsPerRun, multiple } = options;
  const round = (count: number) => Math.max(1, Math.round(count / multiple)) * multiple;
  let count = round(1);
  for (;;) {
    const { seconds } = await subject.run(count);
    if (seconds > secondsPerRun / 4) return round((count * secondsPerRun) / seconds);
    count = round(count * Math.min(10, Math.max(1.5, secondsPerRun / 2 / Math.max(seconds, 1e-6))));
  }
}
