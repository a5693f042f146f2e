import { float32, type Info, Tuple, type Value } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { defaultMaxMessageBytes, maxEntries, maxInfoBytes, ReplyBudget } from './reply-budget.ts';

const entries = (count: number): Info =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
const infoExcess = (info: Info) => new ReplyBudget(defaultMaxMessageBytes).infoExcess(info);

describe('the size of an info', () => {
  it('is refused by the number of its entries, at all levels together', () => {
    expect(infoExcess(entries(maxEntries))).toBeUndefined();
    expect(infoExcess(entries(maxEntries + 1))).toMatch(/^info: more than the 10000 entries/);
    const half = entries(maxEntries / 2);
    expect(infoExcess({ a: half, b: { c: [half] } })).toMatch(/^info\["b"\]\["c"\]\[0\]: more than/);
  });

  it.each<readonly [string, Info]>([
    ['text', { deep: { text: 'x'.repeat(maxInfoBytes) } }],
    ['tensor', { deep: { text: new Tuple([float32(new Float32Array(maxInfoBytes / 4 + 1))]) } }],
    ['bytes', { deep: { text: [new Uint8Array(maxInfoBytes), 'x'] } }],
  ])('is refused by its bytes, and says where: %s', (_, info) => {
    expect(infoExcess(info)).toMatch(/^info\["deep"\]\["text"\].*: \d+ bytes so far, more than the 16777216/);
  });

  it('is no larger than a message may be', () => {
    const { infoExcess: excess } = { infoExcess: (info: Info) => new ReplyBudget(2048).infoExcess(info) };
    expect(excess({ log: 'x'.repeat(1900) })).toBeUndefined();
    expect(excess({ log: 'x'.repeat(2000) })).toMatch(
      /^info\["log"\]: 2003 bytes so far, more than the 1984/,
    );
  });

  it('leaves to others what nests too deep, and ends where an info contains itself', () => {
    const cyclic: Record<string, Info | number> = { x: 1 };
    cyclic.self = cyclic;
    expect(infoExcess(cyclic)).toBeUndefined();
    const broad: Record<string, Info> = {};
    broad.a = broad;
    broad.b = broad;
    expect(infoExcess(broad)).toMatch(/more than the 10000 entries/);
  });
});

describe('the size of what a method gives', () => {
  /** Twice as many at every level, and two objects a level. */
  const shared = () => {
    let value: Value = 'x';
    for (let depth = 0; depth < 30; depth++) value = [value, value];
    return value;
  };

  it.each<readonly [string, unknown]>([
    ['a long list', new Array(10_001).fill(1.5)],
    ['a list that is long and empty', new Array(4e9)],
    ['many dictionaries', Array.from({ length: 6000 }, (_, i) => ({ x: i }))],
    ['parts that are shared', shared()],
  ])('is refused by its entries, before it is copied: %s', (_, value) => {
    const excess = new ReplyBudget(defaultMaxMessageBytes).valueExcess(value, 'it');
    expect(excess).toMatch(
      /^it.*more than the 10000 entries that it may have; send many numbers as one tensor/,
    );
  });

  it('is refused by its bytes, which may be those of a message', () => {
    const budget = new ReplyBudget(defaultMaxMessageBytes);
    expect(budget.valueExcess(new Float64Array(4 * 2 ** 20), 'it')).toBeUndefined();
    expect(budget.valueExcess('x'.repeat(2 ** 27), 'it')).toMatch(/^it: 134217728 bytes so far/);
  });
});

it('a reply has room for so much of all its environments together, and the next one for as much', () => {
  const budget = new ReplyBudget(4096);
  const info = { log: 'x'.repeat(1500) };
  const reply = () => Array.from({ length: 4 }, () => budget.infoExcess(info));
  for (let call = 0; call < 2; call++) {
    budget.renew();
    const [first, second, third] = reply();
    expect([first, second]).toEqual([undefined, undefined]);
    expect(third).toBe(
      'with those of the other environments, more than the 4032 bytes that a reply may have',
    );
  }
});
