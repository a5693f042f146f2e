import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, frame } from './frames.ts';

function read(chunks: readonly Buffer[]) {
  const frames: Array<readonly [number, Buffer]> = [];
  const reader = new FrameReader((kind, body) => frames.push([kind, Buffer.from(body)]));
  for (const chunk of chunks) reader.take(chunk);
  return frames;
}

describe('frames', () => {
  it('arrive as they were sent, however the bytes are cut', () => {
    const body = fc.uint8Array({ maxLength: 300 });
    const sent = fc.array(fc.tuple(fc.nat(255), fc.array(body, { maxLength: 3 })), { maxLength: 8 });
    fc.assert(
      fc.property(sent, fc.array(fc.nat(200)), (frames, cuts) => {
        let rest = Buffer.concat(frames.map(([kind, parts]) => frame(kind, ...parts)));
        const chunks: Buffer[] = [];
        for (const cut of cuts) {
          chunks.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        expect(read([...chunks, rest])).toEqual(
          frames.map(([kind, parts]) => [kind, Buffer.concat(parts)] as const),
        );
      }),
    );
  });

  it('are refused when they are longer than any session needs', () => {
    const header = Buffer.from([0, 0, 0, 0x80, 1]);
    expect(() => read([header])).toThrow(/at most 1073741824 bytes, got one of 2147483648/);
  });
});
