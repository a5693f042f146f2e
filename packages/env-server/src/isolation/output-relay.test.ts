import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createOutputRelay } from './output-relay.ts';

function relay() {
  const lines: Array<Record<string, unknown>> = [];
  const log = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line) as never) });
  const clock = { ms: 0 };
  const take = createOutputRelay(log, 'Arm-v0', () => clock.ms);
  return { lines, clock, print: (text: string) => take('stdout', Buffer.from(text)), take };
}

describe('what simulators print', () => {
  it('is in the log line by line, with who printed it, whole characters and no empty lines', () => {
    const { lines, take } = relay();
    const bytes = Buffer.from('größe\n\nhalf');
    for (const byte of bytes) take('stderr', Buffer.of(byte));
    take('stderr', Buffer.from(' a line\r\n'));
    expect(lines).toMatchObject([
      { level: 40, env: 'Arm-v0', stream: 'stderr', msg: 'größe' },
      { env: 'Arm-v0', stream: 'stderr', msg: 'half a line' },
    ]);
  });

  it('is no more than a reader can use, and what was left out is counted', () => {
    const { lines, clock, print } = relay();
    for (let i = 0; i < 2000; i++) print('spam\n');
    expect(lines).toHaveLength(100);
    clock.ms = 1000;
    for (let i = 0; i < 2000; i++) print('spam\n');
    expect(lines).toHaveLength(120);
    expect(lines[100]).toMatchObject({ leftOut: 1900, msg: 'spam' });
    expect(lines[101]).not.toHaveProperty('leftOut');
  });

  it('is cut where a line has no end', () => {
    const { lines, print } = relay();
    for (let i = 0; i < 10; i++) print('x'.repeat(1000));
    expect(lines.length).toBeGreaterThan(0);
    for (const { msg } of lines) expect(String(msg).length).toBeLessThanOrEqual(2000);
  });
});
