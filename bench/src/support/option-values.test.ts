import { expect, it } from 'vitest';
import { parseOnce } from './option-values.ts';

it('an option given twice is refused, unless it may be repeated', () => {
  const options = { steps: { type: 'string' }, only: { type: 'string', multiple: true } } as const;
  const parse = (line: string) => parseOnce({ args: line.split(' '), options }).values;
  expect(parse('--steps 1 --only a --only b')).toEqual({ steps: '1', only: ['a', 'b'] });
  expect(() => parse('--steps 1 --steps 2')).toThrow('--steps was given twice');
});
