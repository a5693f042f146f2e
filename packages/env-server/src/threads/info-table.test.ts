import { type Info, Scalar } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { emptyInfo, InfoReader, InfoWriter, infoByMessage, maxInfoValues } from './info-table.ts';

const values = new Float64Array(maxInfoValues);

/** Through both ends; undefined: it must go by message. */
function through(writer: InfoWriter, reader: InfoReader, info: Info): Info | undefined {
  const schema = writer.write(info, values);
  reader.add(writer.takeNew());
  if (schema === emptyInfo) return {};
  return schema === infoByMessage ? undefined : reader.read(schema, values);
}

describe('infos in shared memory', () => {
  it('keep keys, their order, types and every bit', () => {
    const info = {
      b: 0.1,
      a: -0,
      nan: Number.NaN,
      int: -(2n ** 60n),
      yes: true,
      no: false,
      f32: new Scalar('float32', Math.fround(0.1)),
      u8: new Scalar('uint8', 255),
      npBool: new Scalar('bool', 1),
      10: 1,
    };
    const read = through(new InfoWriter(), new InfoReader(), info);
    expect(read).toStrictEqual(info);
    expect(Object.keys(read ?? {})).toEqual(Object.keys(info));
  });

  it('keep a key that objects treat specially', () => {
    const info = Object.fromEntries([['__proto__', 1]]);
    const read = through(new InfoWriter(), new InfoReader(), info) ?? {};
    expect(Object.keys(read)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it('say once what their keys are', () => {
    const writer = new InfoWriter();
    const step = { x: 1, y: 2n };
    expect(writer.write(step, values)).toBe(0);
    expect(writer.takeNew()).toHaveLength(1);
    expect(writer.write({ x: 5, y: 7n }, values)).toBe(0);
    expect(writer.takeNew()).toEqual([]);
    // Another type or order is another schema.
    expect(writer.write({ x: 1n, y: 2n }, values)).toBe(1);
    expect(writer.write({ y: 2n, x: 1 }, values)).toBe(2);
    expect(writer.write(step, values)).toBe(0);
    expect(writer.takeNew()).toHaveLength(2);
  });

  it.each([
    ['an array', { x: new Float64Array(1) }],
    ['a text', { x: 'y' }],
    ['nothing', { x: null }],
    ['an int64', { x: new Scalar('int64', 1n) }],
    ['an int beyond float64', { x: 2n ** 53n + 1n }],
    ['too many', Object.fromEntries(Array.from({ length: maxInfoValues + 1 }, (_, i) => [`k${i}`, i]))],
  ])('leave %s to a message', (_, info) => {
    expect(through(new InfoWriter(), new InfoReader(), info as Info)).toBeUndefined();
  });

  it('leave keys that never repeat to messages, and remember those that came before', () => {
    const [writer, reader] = [new InfoWriter(), new InfoReader()];
    const read = Array.from({ length: 300 }, (_, i) => through(writer, reader, { [`key ${i}`]: i }));
    const kept = read.filter((info) => info !== undefined);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(emptyInfo - 1);
    expect(through(writer, reader, { 'key 7': 8 })).toEqual({ 'key 7': 8 });
  });
});
