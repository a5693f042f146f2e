import { expect, it } from 'vitest';
import { limitOutput, type Printer } from './output-limit.ts';

function limited() {
  const clock = { ms: 0 };
  const printed: string[] = [];
  const stream: Printer = {
    write(chunk, ...rest) {
      printed.push(String(chunk));
      for (const done of rest) if (typeof done === 'function') Reflect.apply(done, undefined, []);
      return true;
    },
  };
  limitOutput(stream, () => clock.ms);
  return { clock, printed, stream, size: () => printed.reduce((sum, text) => sum + text.length, 0) };
}

it('what is printed without end goes no further than a log can use, and is counted', () => {
  const { clock, printed, stream } = limited();
  for (let i = 0; i < 100_000; i++) stream.write('contact\n');
  // A line counts for 108 characters.
  const atOnce = printed.length;
  expect(atOnce).toBe(Math.floor((256 * 1024) / 108));
  clock.ms = 1000;
  for (let i = 0; i < 100_000; i++) stream.write('contact\n');
  expect(printed.length - atOnce).toBeLessThan(610);
  const told = /^\n\(78\d{4} characters were left out here: too much was printed\)\n$/;
  expect(printed.filter((text) => text.includes('left out'))).toEqual([expect.stringMatching(told)]);
});

it('a text of any length is cut, and whoever waits for it goes on', async () => {
  const { stream, size } = limited();
  const written = (text: string | Uint8Array) => new Promise<void>((resolve) => stream.write(text, resolve));
  await written('x'.repeat(1e7));
  await written(new Uint8Array(1e6));
  await new Promise<void>((resolve) => stream.write('y', 'utf8', resolve));
  expect(size()).toBe(256 * 1024 - 100);
});

it('little is printed as it is', () => {
  const { printed, stream } = limited();
  stream.write('größe\n');
  stream.write(Buffer.from('bytes'));
  expect(printed).toEqual(['größe\n', 'bytes']);
});
