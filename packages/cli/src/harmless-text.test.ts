import { expect, it } from 'vitest';
import { harmless, harmlessJson } from './harmless-text.ts';

const evil = '\x1b]0;pwned\x07\x1b[2J\x9b31m\u202e\u2028\ud800 ü → 😀';

it('a terminal shows what strangers wrote, and obeys none of it', () => {
  expect(harmless(evil)).toBe('?]0;pwned??[2J?31m??? ü → 😀');
});

it('no line of theirs passes for one of ours', () => {
  expect(harmless('Arm-v0\r\nok: 32 recorded actions reproduced')).toBe(
    'Arm-v0?\n  ok: 32 recorded actions reproduced',
  );
});

it('JSON keeps its meaning', () => {
  const text = harmlessJson({ [evil]: [evil, 1] });
  expect(text).toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
  expect(JSON.parse(text)).toEqual({ [evil]: [evil, 1] });
});
