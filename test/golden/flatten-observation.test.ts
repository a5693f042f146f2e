/** Observations are flattened by the trainer and, at deployment, by the policy: the same bits, whatever the space. */
import { createFlattener } from '@gymwire/agent-sdk/parts';
import { flattenObservation, type Observation } from '@gymwire/exporter';
import { type BoxSpace, type DType, elementCount, type Space, type Tensor, Tuple, typedArrays, type Value } from '@gymwire/protocol';
import fc from 'fast-check';
import { expect, expectTypeOf, it } from 'vitest';

const sizes = { bool: 1, int8: 8, uint8: 8, int16: 16, uint16: 16, int32: 32, uint32: 32 } as const;

function numberOf(dtype: Exclude<DType, 'int64' | 'uint64'>): fc.Arbitrary<number> {
  if (dtype === 'float32') return fc.float({ noNaN: true, noDefaultInfinity: true });
  // Of float32's range, as nothing else reaches a policy.
  if (dtype === 'float64') return fc.double({ noNaN: true, min: -3e38, max: 3e38 });
  const bits = sizes[dtype];
  return dtype.startsWith('int')
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 });
}

function tensorOf(dtype: DType, shape: readonly number[]): fc.Arbitrary<Tensor> {
  const count = elementCount(shape);
  const length = { minLength: count, maxLength: count };
  if (dtype === 'int64' || dtype === 'uint64') {
    const signed = dtype === 'int64';
    const min = signed ? -(2n ** 63n) : 0n;
    const numbers = fc.array(fc.bigInt({ min, max: min + 2n ** 64n - 1n }), length);
    return numbers.map((values) =>
      signed
        ? { dtype: 'int64', shape, data: BigInt64Array.from(values) }
        : { dtype: 'uint64', shape, data: BigUint64Array.from(values) },
    );
  }
  return fc
    .array(numberOf(dtype), length)
    .map((values): Tensor => ({ dtype, shape, data: typedArrays[dtype].from(values) }));
}

/** A space, and batches of it. */
interface Drawn {
  readonly space: Space;
  readonly batchOf: (rows: number) => fc.Arbitrary<Value>;
}

const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });
const dtypes = fc.constantFrom(...(Object.keys(typedArrays) as DType[]));

const box: fc.Arbitrary<Drawn> = fc.tuple(dtypes, shapes).map(([dtype, shape]) => {
  const bound = { dtype, shape, data: new typedArrays[dtype](elementCount(shape)) } as Tensor;
  const space: BoxSpace = { type: 'box', low: bound, high: bound };
  return { space, batchOf: (rows) => tensorOf(dtype, [rows, ...shape]) };
});

const { space: drawn } = fc.letrec<{ space: Drawn }>((tie) => ({
  space: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    box,
    fc
      .uniqueArray(fc.tuple(fc.string({ maxLength: 4 }), tie('space')), {
        minLength: 1,
        maxLength: 4,
        selector: ([key]) => key,
      })
      // A key that plain objects do not take.
      .filter((entries) => entries.every(([key]) => key !== '__proto__'))
      .map((entries): Drawn => ({
        space: { type: 'dict', entries: entries.map(([key, { space }]) => [key, space]) },
        batchOf: (rows) =>
          fc
            .tuple(...entries.map(([, { batchOf }]) => batchOf(rows)))
            // Not in the order of the space.
            .map((values) => Object.fromEntries(entries.map(([key], i) => [key, values[i]]).toReversed())),
      })),
    fc.array(tie('space'), { minLength: 1, maxLength: 3 }).map((items): Drawn => ({
      space: { type: 'tuple', spaces: items.map(({ space }) => space) },
      batchOf: (rows) => fc.tuple(...items.map(({ batchOf }) => batchOf(rows))).map((values) => new Tuple(values)),
    })),
  ),
}));

it('flattens any space to the bits that the trainer saw', () => {
  const cases = drawn.chain(({ space, batchOf }) =>
    fc.integer({ min: 1, max: 3 }).chain((rows) => fc.tuple(fc.constant(space), fc.constant(rows), batchOf(rows))),
  );
  fc.assert(
    fc.property(cases, ([space, rows, batch]) => {
      const flattener = createFlattener(space, 'observation');
      const expected = new Float32Array(rows * flattener.size);
      flattener.write(batch, rows, expected);
      const layout = JSON.parse(JSON.stringify(flattener.layout)) as typeof flattener.layout;
      const actual = flattenObservation(layout, batch, rows);
      expect(new Uint32Array(actual.buffer)).toEqual(new Uint32Array(expected.buffer));
    }),
    { numRuns: 500 },
  );
});

it('takes what clients return, as it is', () => {
  expectTypeOf<Value>().toExtend<Observation>();
  expect(flattenObservation({ type: 'box', dtype: 'float32', shape: [] }, 1.5)).toEqual(Float32Array.of(1.5));
});
