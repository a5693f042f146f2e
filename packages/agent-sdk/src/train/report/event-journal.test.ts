import { expect, it } from 'vitest';
import type { RunEvent } from '../../run-folder/events.ts';
import { EventJournal } from './event-journal.ts';

const notice = (message: string): RunEvent => ({ type: 'notice', message });

/** A journal whose clock counts. */
function counting() {
  let hour = 0;
  return new EventJournal(() => `2026-11-29T0${hour++}:00:00.000Z`);
}

it('keeps what happened before there is a folder, with its own time', async () => {
  const journal = counting();
  journal.note(notice('first'));
  const lines: object[] = [];
  const folder = { append: async (_: string, line: object) => void lines.push(line) };
  journal.attach({ folder, counters: { envSteps: 7 } });
  journal.note(notice('second'));
  await journal.settled();
  expect(lines).toEqual([
    { type: 'notice', time: '2026-11-29T00:00:00.000Z', envSteps: 7, message: 'first' },
    { type: 'notice', time: '2026-11-29T01:00:00.000Z', envSteps: 7, message: 'second' },
  ]);
});

it('tells a write that failed to whoever waits, and not to whoever told', async () => {
  const journal = counting();
  const full = new Error('no space left');
  journal.attach({ folder: { append: () => Promise.reject(full) }, counters: { envSteps: 0 } });
  journal.note(notice('lost'));
  await new Promise((resolve) => setImmediate(resolve));
  await expect(journal.settled()).rejects.toBe(full);
});

it('writes nothing without a folder', async () => {
  const journal = counting();
  journal.note(notice('first'));
  journal.attach({ folder: undefined, counters: { envSteps: 0 } });
  journal.note(notice('second'));
  await expect(journal.settled()).resolves.toBeUndefined();
});
