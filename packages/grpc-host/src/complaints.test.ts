import { PassThrough } from 'node:stream';
import { GymwireError } from '@gymwire/protocol';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { toGymwireError } from './calls/errors.ts';
import { complain, complaintsAMinute } from './complaints.ts';

function logged() {
  const lines: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trim().split('\n')));
  const records = () => lines.map((line) => JSON.parse(line) as { msg: string; leftOut?: number });
  return { log: pino({ level: 'warn' }, stream), records };
}

it('a client whose requests fail again and again fills no log', () => {
  const { log, records } = logged();
  for (let i = 0; i < 500; i++) toGymwireError(new GymwireError('ENV_FAILED', `fault ${i}`), log);
  expect(records()).toHaveLength(complaintsAMinute);
});

it('what was left out is counted when the next minute begins, of each kind by itself', () => {
  const { log, records } = logged();
  for (let i = 0; i < complaintsAMinute + 5; i++) complain(log, 'flood', {}, 'water', 0);
  complain(log, 'other', {}, 'fire', 1);
  complain(log, 'flood', {}, 'water', 60_000);
  expect(records().map(({ msg, leftOut }) => leftOut ?? msg)).toEqual([
    ...new Array<string>(complaintsAMinute).fill('water'),
    'fire',
    5,
    'water',
  ]);
});
