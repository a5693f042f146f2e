import { describe, expect, it } from 'vitest';
import { nameHint, nearestName, optionsFault, shown } from './names.ts';

const known = ['token', 'tls', 'maxSessions', 'minimum', 'defaultValue'];

describe('nearestName', () => {
  it.each([
    ['tokn', 'token'],
    ['toekn', 'token'],
    ['maxsessions', 'maxSessions'],
    ['maxSession', 'maxSessions'],
    ['default', 'defaultValue'],
    ['min', 'minimum'],
    ['gravity', undefined],
    ['x', undefined],
  ])('finds for %s: %s', (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });
});

describe('optionsFault', () => {
  const fault = (given: unknown) => optionsFault('connect', given, known, '{ token }');

  it('names what is misspelt, and what there is', () => {
    expect(fault({ token: 'a' })).toBeUndefined();
    expect(fault({ tokn: 'a' })).toBe('connect takes no "tokn": did you mean token?');
    expect(fault({ gravity: 1 })).toBe(`connect takes no "gravity": expected one of ${known.join(', ')}`);
    expect(nameHint('gravity', ['a'])).toBe('expected one of a');
  });

  it.each([
    [42, '42'],
    ['42', '"42"'],
    [null, 'null'],
    [[1], 'an array of 1'],
  ])('refuses %o, which is no object of options', (given, text) => {
    expect(fault(given)).toBe(`connect: expected options such as { token }, got ${text}`);
  });
});

describe('shown', () => {
  it('tells text from numbers, and classes by their names', () => {
    const values = ['1', 1, undefined, new AbortController(), { a: 1 }, {}, () => 1];
    expect(values.map(shown)).toEqual([
      '"1"',
      '1',
      'nothing',
      'an object of the class AbortController',
      'an object with a',
      'an object with nothing in it',
      'a function',
    ]);
  });
});
