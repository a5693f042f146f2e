import { describe, expect, it } from 'vitest';
import { collectArgument, collectMetadata, integer, seedList, serverPort } from './parse-arguments.ts';

describe('integer', () => {
  it('names the bound that was missed', () => {
    const seed = integer(0);
    expect(seed('9007199254740991')).toBe(2 ** 53 - 1);
    expect(() => seed('9007199254740992')).toThrow('Expected a whole number from 0 to 9007199254740991.');
    for (const text of ['-1', '1.5', '', 'x']) {
      expect(() => seed(text)).toThrow('Expected a whole number at least 0.');
    }
    expect(() => integer(0, 65535)('65536')).toThrow('Expected a whole number from 0 to 65535.');
  });
});

describe('serverPort', () => {
  it('sends a Unix socket to --host, where it belongs', () => {
    expect([serverPort('0'), serverPort('65535')]).toEqual([0, 65_535]);
    expect(() => serverPort('65536')).toThrow('Expected a whole number from 0 to 65535.');
    expect(() => serverPort('unix:/run/gym.sock')).toThrow(
      'A socket has no port: --host unix:/run/gym.sock.',
    );
  });
});

describe('seedList', () => {
  it('takes ranges, lists and both, in the order in which they come', () => {
    expect(seedList('0-4')).toEqual([0, 1, 2, 3, 4]);
    expect(seedList('7,0,3')).toEqual([7, 0, 3]);
    expect(seedList('10, 0-2,5')).toEqual([10, 0, 1, 2, 5]);
    expect(seedList('3-3')).toEqual([3]);
    expect(seedList('9007199254740991')).toEqual([2 ** 53 - 1]);
  });

  it.each([
    ['', 'Expected seeds such as 0-4, or 0,3,7.'],
    ['0-', 'Expected seeds such as 0-4, or 0,3,7.'],
    ['-1', 'Expected seeds such as 0-4, or 0,3,7.'],
    ['1.5', 'Expected seeds such as 0-4, or 0,3,7.'],
    ['0,,1', 'Expected seeds such as 0-4, or 0,3,7.'],
    ['4-0', 'Expected the lower seed first, got 4-0.'],
    ['0-4,3', '3 is there twice: equal seeds are equal runs.'],
    ['9007199254740992', 'Expected seeds below 2^53, got 9007199254740992.'],
    ['0-1000', 'Expected at most 1000 seeds.'],
    ['0-999,1000', 'Expected at most 1000 seeds.'],
  ])('refuses %j', (text, message) => {
    expect(() => seedList(text)).toThrow(message);
  });
});

describe('collectArgument', () => {
  it('collects JSON booleans, numbers and lists of numbers, else strings', () => {
    const texts = ['a=1.5', 'b=true', 'c=[1,2]', 'd=x=y', 'e="q"', 'f={"a":1}', 'g=[1,"x"]'];
    const collected = texts.reduce((all, text) => collectArgument(text, all), {});
    expect(collected).toEqual({ a: 1.5, b: true, c: [1, 2], d: 'x=y', e: 'q', f: '{"a":1}', g: '[1,"x"]' });
  });

  it.each([
    ['g', 'Expected name=value'],
    ['=1', 'Expected name=value'],
    ['__proto__=1', 'No argument of an environment has this name.'],
    ['g=1e400', 'Expected numbers that float64 can hold, got 1e400.'],
    ['g=[0,-1e400]', 'Expected numbers that float64 can hold, got [0,-1e400].'],
  ])('refuses %s', (text, message) => {
    expect(() => collectArgument(text, {})).toThrow(message);
  });

  it('refuses a second value for one name', () => {
    expect(() => collectArgument('g=2', collectArgument('g=1'))).toThrow('g was given twice.');
  });
});

describe('collectMetadata', () => {
  it('takes any text, and the prefix that the file has', () => {
    const texts = ['site=hall 3', 'user.note=a=b', 'empty=', '__proto__=x'];
    const collected = texts.reduce((all, text) => collectMetadata(text, all), {});
    expect(Object.entries(collected)).toEqual([
      ['site', 'hall 3'],
      ['note', 'a=b'],
      ['empty', ''],
      ['__proto__', 'x'],
    ]);
  });

  it.each([
    ['site', 'Expected name=text'],
    ['=x', 'Expected name=text'],
    ['user.=x', 'Expected name=text'],
    ['user.site=2', 'site was given twice.'],
  ])('refuses %s', (text, message) => {
    expect(() => collectMetadata(text, { site: '1' })).toThrow(message);
  });
});
