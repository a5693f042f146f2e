import { type ArgumentSpec, Scalar, Tuple, type Value } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { resolveArguments } from './arguments.ts';

const specs: readonly ArgumentSpec[] = [
  { name: 'flag', type: 'bool', defaultValue: false },
  { name: 'skip', type: 'int', defaultValue: 4n, minimum: 1, maximum: 10 },
  { name: 'mass', type: 'float', defaultValue: 1.5, minimum: 0 },
  { name: 'kind', type: 'string', defaultValue: 'soft', choices: ['soft', 'hard'] },
  { name: 'range', type: 'float-list', defaultValue: new Tuple([0, 1]), length: 2 },
  { name: 'limit', type: 'float', defaultValue: 1, minimum: 0, maximum: Infinity },
];
const resolve = (given: Record<string, Value>) => resolveArguments('X-v0', specs, given);

describe('resolveArguments', () => {
  it('fills in defaults', () => {
    const args = resolve({});
    expect([args.bool('flag'), args.number('skip'), args.number('mass'), args.string('kind')]).toEqual([
      false,
      4,
      1.5,
      'soft',
    ]);
    expect(args.floatList('range')).toEqual([0, 1]);
  });

  it('takes an int for a float, lists for tuples, NumPy scalars for numbers', () => {
    const args = resolve({
      mass: 2n,
      range: [1n, 2.5],
      skip: new Scalar('int64', 5n),
      flag: new Scalar('bool', 1),
    });
    expect(args.number('mass')).toBe(2);
    expect(args.floatList('range')).toEqual([1, 2.5]);
    expect(args.number('skip')).toBe(5);
    expect(args.bool('flag')).toBe(true);
  });

  it.each([
    [{ skip: 2.5 }, 'argument skip: expected int in [1, 10], got the float 2.5'],
    [{ skip: 11n }, 'argument skip: expected int in [1, 10], got the int 11'],
    [{ mass: -1 }, 'argument mass: expected float in [0, inf], got the float -1'],
    [{ kind: 'odd' }, 'argument kind: expected string out of soft, hard, got "odd"'],
    [{ range: [1] }, 'argument range: expected float-list of length 2, got a structure'],
    [{ flag: 1n }, 'argument flag: expected bool, got the int 1'],
    [{ mass: Infinity }, 'argument mass: expected float in [0, inf], got the float Infinity'],
    [{ mass: NaN }, 'argument mass: expected float in [0, inf], got the float NaN'],
    [{ limit: -Infinity }, 'argument limit: expected float in [0, Infinity], got the float -Infinity'],
  ])('refuses %o', (given, message) => {
    expect(() => resolve(given)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }));
  });

  it('takes an infinity where the range names it', () => {
    expect(resolve({ limit: Infinity }).number('limit')).toBe(Infinity);
  });

  it('refuses a name that is not listed, also one that every object has', () => {
    expect(() => resolve({ toString: 1 })).toThrow(expect.objectContaining({ code: 'UNKNOWN_ARGUMENT' }));
  });

  it('tells an environment that reads what its spec does not declare', () => {
    expect(() => resolve({}).number('flag')).toThrow(/reads argument flag as a number/);
  });
});
