import { describe, expect, it } from 'vitest';
import type { Value } from '../value.ts';
import { envService, packageDefinition } from '../wire/service.ts';
import { countParts, type Parts, requestParts } from './message-parts.ts';
import { encodeResetOptions } from './step-codec.ts';
import { encodeStepRequest } from './step-messages.ts';
import { boundedDecoder, Undecodable } from './undecodable.ts';

const { Interact, Reset } = envService;
const many = 1e6;

/** Parts of a step on the stream. */
function partsOf(action: Value): number {
  return countParts(encodeStepRequest(action, 1), requestParts.Interact, many);
}

describe('parts of a message', () => {
  it('are its fields, and those of the messages in it', () => {
    // step; sequence, action; float.
    expect(partsOf(0.5)).toBe(4);
    // step; sequence, action; list; three values; what each holds.
    expect(partsOf([1, 2n, 'three'])).toBe(10);
    // step; sequence, action; dict; entry; key, value; null; the null's message is empty.
    expect(partsOf({ key: null })).toBe(8);
  });

  it('are none in the elements of a tensor, whatever their bytes look like', () => {
    const small = partsOf({ dtype: 'uint8', shape: [2], data: new Uint8Array(2).fill(8) });
    expect(partsOf({ dtype: 'uint8', shape: [5000], data: new Uint8Array(5000).fill(8) })).toBe(small + 1);
  });

  it('are the numbers of a packed field, one a byte at most', () => {
    const reset = encodeResetOptions({ mask: new Array<boolean>(300).fill(true) });
    const bytes = Reset.requestSerialize(reset);
    expect(countParts(bytes, requestParts.Reset, many)).toBe(301);
  });

  it('are counted no further than the limit, and are too many where messages nest too deep', () => {
    const seeds = Reset.requestSerialize(encodeResetOptions({ seeds: new Array<null>(1000).fill(null) }));
    expect(countParts(seeds, requestParts.Reset, 10)).toBe(11);
    let nested = Buffer.alloc(0);
    for (let i = 0; i < 60; i++) nested = Buffer.concat([field(9, field(1, nested))]);
    expect(countParts(field(3, field(3, nested)), requestParts.Interact, many)).toBeGreaterThan(many);
  });

  it('cut off anywhere are counted without an end', () => {
    const whole = encodeStepRequest({ a: [1, 2, { b: 'text' }] }, 7);
    for (let end = 0; end < whole.length; end++) {
      expect(countParts(whole.subarray(0, end), requestParts.Interact, many)).toBeLessThanOrEqual(20);
    }
  });
});

describe('the table of what messages hold', () => {
  interface Field {
    readonly number: number;
    readonly label: string;
    readonly type: string;
    readonly typeName: string;
  }

  /** The fields of a message in the contract. */
  function fieldsOf(message: string): readonly Field[] {
    const { type } = packageDefinition[`gymwire.v1.${message}`] as { type: { field: readonly Field[] } };
    return type.field;
  }

  /** What differs, field by field, until a message occurs in itself. */
  function differences(message: string, parts: Parts, path: readonly string[]): readonly string[] {
    const where = [...path, message].join(' > ');
    const expected = fieldsOf(message).flatMap(({ number, label, type, typeName }) => {
      if (type === 'TYPE_MESSAGE') return [[number, typeName] as const];
      const isPacked = label === 'LABEL_REPEATED' && !['TYPE_STRING', 'TYPE_BYTES'].includes(type);
      return isPacked ? [[number, 'numbers'] as const] : [];
    });
    const numbers = expected.map(([number]) => number).join(', ');
    const told = Object.keys(parts).join(', ');
    const own = told === numbers ? [] : [`${where}: ${told}, expected ${numbers}`];
    if (path.includes(message)) return own;
    const inner = expected.flatMap(([number, held]) => {
      const part = parts[number];
      if (part !== undefined && typeof part !== 'string') return differences(held, part, [...path, message]);
      return part === held ? [] : [`${where}, ${number}: ${part}, expected ${held}`];
    });
    return [...own, ...inner];
  }

  it.each(Object.keys(requestParts))('is what the contract says of %s', (name) => {
    expect(differences(`${name}Request`, requestParts[name as keyof typeof requestParts], [])).toEqual([]);
  });

  it('has every method', () => {
    expect(Object.keys(requestParts).sort()).toEqual(Object.keys(envService).sort());
  });
});

describe('a bounded decoder', () => {
  const decode = boundedDecoder(Interact.requestDeserialize, requestParts.Interact, 50_000);

  it('decodes what is large but has few parts', () => {
    const data = new Uint8Array(2 ** 20);
    expect(decode(encodeStepRequest({ dtype: 'uint8', shape: [data.length], data }, 1))).toHaveProperty(
      'step',
    );
  });

  it('returns what has too many parts, and what is no message, as undecodable', () => {
    const long = encodeStepRequest(new Array<null>(50_000).fill(null), 1);
    expect(decode(long)).toEqual(
      new Undecodable(`more than 50000 parts in a message of ${long.length} bytes`),
    );
    expect(decode(Buffer.from([0xff]))).toBeInstanceOf(Undecodable);
  });
});

/** A length-delimited field. */
function field(number: number, content: Buffer): Buffer {
  const length: number[] = [];
  let rest = content.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length, rest]), content]);
}
