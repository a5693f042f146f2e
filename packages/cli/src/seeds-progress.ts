/** The progress of runs with several seeds: a line a run on a terminal, plain lines elsewhere, JSON lines for machines. */
import type { ProgressEvent } from '@gymwire/agent-sdk';
import type { SeedRun, SeedsEvent } from '@gymwire/agent-sdk/parts';
import { MultiBar, type SingleBar } from 'cli-progress';
import { harmless } from './harmless-text.ts';
import { type Output, round } from './output.ts';
import { createLines, describeWarning, type ProgressDisplay } from './progress.ts';
import { type LiveRun, liveLine, newLiveRun, takeEvent, totalLine } from './seeds-live-line.ts';
import { describeFailure, statusOf } from './seeds-table.ts';

export interface SeedsDisplay {
  show(event: SeedsEvent): void;
  /** A note that leaves the lines of the runs in order. */
  note(text: string): void;
  /** Leaves the terminal in order; may be called twice. */
  stop(): void;
}

export function createSeedsDisplay(output: Output): SeedsDisplay {
  return process.stderr.isTTY && !output.isJson ? createLiveLines() : createSeedLines(output);
}

/** The words of a run, with its seed before them. */
function ofSeed(output: Output, seed: number): Output {
  return {
    ...output,
    say: (text) => output.say(`seed ${seed}: ${text}`),
    note: (text) => output.note(`seed ${seed}: ${text}`),
    event: (type, fields) => output.event(type, { seed, ...fields }),
  };
}

function createSeedLines(output: Output): SeedsDisplay {
  const displays = new Map<number, ProgressDisplay>();
  const displayOf = (seed: number) => {
    const found = displays.get(seed) ?? createLines(ofSeed(output, seed));
    displays.set(seed, found);
    return found;
  };
  return {
    show(event) {
      switch (event.type) {
        case 'group': {
          const { type, ...fields } = event;
          output.event(type, fields);
          output.say(describeGroup(event));
          break;
        }
        case 'notice':
          output.note(withSeed(event.seed, event.message));
          break;
        case 'begin': {
          const { type, seed, ...fields } = event;
          ofSeed(output, seed).event(type, fields);
          break;
        }
        case 'progress':
          displayOf(event.seed).show(event.event);
          break;
        case 'end': {
          const { seed, ...fields } = event.run;
          const own = ofSeed(output, seed);
          own.event('result', fields);
          own.say(describeEnd(event.run));
          if (fields.failure !== undefined) own.note(describeFailure(fields.failure));
        }
      }
    },
    note: output.note,
    stop: () => undefined,
  };
}

export function describeGroup({ seeds, runsAtATime }: Extract<SeedsEvent, { type: 'group' }>): string {
  const how = runsAtATime === 0 ? 'all of which have ended' : `${runsAtATime} at a time`;
  const [only = 0] = seeds;
  if (seeds.length > 1) return `${seeds.length} runs, ${how}`;
  // Whoever writes 5 may mean five.
  const many = only < 2 ? '' : ` (${only} seeds are 0-${only - 1})`;
  return `1 run: seed ${only}${many}${runsAtATime === 0 ? ', which has ended' : ''}`;
}

function describeEnd(run: SeedRun): string {
  const { envSteps, lastReturn, bestReturn } = run;
  const last = lastReturn === null ? '' : `, last return ${round(lastReturn)}`;
  const best = bestReturn === null ? '' : `, best ${round(bestReturn)}`;
  return `${statusOf(run)} at step ${envSteps}${last}${best}`;
}

/** The lines of runs are cut at the width; what is written above them is not. */
const [wrap, cut, clearToEnd] = ['\u001b[?7h', '\u001b[?7l', '\u001b[K'];

interface Line {
  readonly text: (width: number) => string;
}

/** At the bottom how many there are and a line for each run under way; above them what has happened. */
function createLiveLines(): SeedsDisplay {
  const lines = new MultiBar({
    format: (_, { maxWidth }: { readonly maxWidth?: number }, { text }: Line) => text(maxWidth ?? 80),
    hideCursor: true,
    clearOnComplete: true,
    forceRedraw: true,
  });
  const live = new Map<number, { readonly run: LiveRun; readonly bar: SingleBar }>();
  const counts = { seeds: 0, ended: 0, failed: 0 };
  const add = (text: Line['text']) => lines.create(1, 0, { text } satisfies Line);
  add((width) => totalLine({ ...counts, live: live.size }).slice(0, width));
  let isOver = false;
  const write = (text: string) => {
    if (isOver) process.stderr.write(`${harmless(text)}\n`);
    else lines.log(`${wrap}${harmless(text)}${clearToEnd}\n${cut}`);
  };
  const begin = (seed: number) => {
    const run = newLiveRun(seed);
    live.set(seed, { run, bar: add((width) => liveLine(run, width)) });
  };
  const end = (run: SeedRun) => {
    counts.ended += 1;
    if (run.status === 'failed') counts.failed += 1;
    write(`seed ${run.seed}: ${describeEnd(run)}`);
    if (run.failure !== undefined) write(`seed ${run.seed}: ${describeFailure(run.failure)}`);
    const bar = live.get(run.seed)?.bar;
    live.delete(run.seed);
    if (bar !== undefined) lines.remove(bar);
  };
  const progress = (seed: number, event: ProgressEvent) => {
    const found = live.get(seed);
    if (found !== undefined) takeEvent(found.run, event);
    const words = describeWarning(event);
    if (words !== undefined) write(`seed ${seed}: ${words}`);
  };
  return {
    show(event) {
      if (event.type === 'group') counts.seeds = event.seeds.length;
      if (event.type === 'begin') begin(event.seed);
      if (event.type === 'end') end(event.run);
      if (event.type === 'progress') progress(event.seed, event.event);
      if (event.type === 'notice') write(withSeed(event.seed, event.message));
    },
    note: write,
    stop() {
      if (isOver) return;
      // Also what was logged since the last time.
      lines.update();
      lines.stop();
      isOver = true;
    },
  };
}

function withSeed(seed: number | null, text: string): string {
  return seed === null ? text : `seed ${seed}: ${text}`;
}
