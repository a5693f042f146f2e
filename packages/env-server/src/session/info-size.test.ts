import { float32, type Info, Tuple } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { infoExcess, maxInfoBytes, maxInfoEntries } from './info-size.ts';

const entries = (count: number): Info =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));

describe('the size of an info', () => {
  it('is refused by the number of its entries, at all levels together', () => {
    expect(infoExcess(entries(maxInfoEntries))).toBeUndefined();
    expect(infoExcess(entries(maxInfoEntries + 1))).toMatch(/^info: more than the 10000 entries/);
    const half = entries(maxInfoEntries / 2);
    expect(infoExcess({ a: half, b: { c: [half] } })).toMatch(/^info\["b"\]\["c"\]\[0\]: more than/);
  });

  it.each<readonly [string, Info]>([
    ['text', { deep: { text: 'x'.repeat(maxInfoBytes) } }],
    ['tensor', { deep: { text: new Tuple([float32(new Float32Array(maxInfoBytes / 4 + 1))]) } }],
    ['bytes', { deep: { text: [new Uint8Array(maxInfoBytes), 'x'] } }],
  ])('is refused by its bytes, and says where: %s', (_, info) => {
    expect(infoExcess(info)).toMatch(/^info\["deep"\]\["text"\].*: \d+ bytes so far, more than the 16777216/);
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
