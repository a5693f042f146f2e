/** The process's end of a subject: see subject.ts. */
import { createInterface } from 'node:readline';
import { type Interval, mark, type SubjectIntroduction, type SubjectMessage } from './subject.ts';

export interface SubjectRequest {
  readonly count: number;
  readonly inspect?: boolean;
}

export function introduce(introduction: SubjectIntroduction): void {
  say({ kind: 'ready', ...introduction });
}

export function sayMissing(reason: string): void {
  say({ kind: 'missing', reason });
}

/** Answers requests until stdin ends, then ends the process. */
export async function serveRequests(measure: (request: SubjectRequest) => Promise<Interval>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    say({ kind: 'interval', ...(await measure(JSON.parse(line) as SubjectRequest)) });
  }
  process.exit();
}

/** Wall clock and CPU time of this process, threads included. */
export async function timeInterval(work: () => Promise<void>): Promise<Interval> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

function say(message: SubjectMessage): void {
  process.stdout.write(`${mark}${JSON.stringify(message)}\n`);
}
