import type { HeaderValue } from '@gymwire/onnx-graph';
import { type DerivedModel, nameOf } from './derived-model.ts';
import { ExporterError } from './errors.ts';
import type { EndType, ModelEnds, OnnxSession } from './onnx-session.ts';
import { checkActionCount } from './parity.ts';
import type { PolicyMetadata } from './policy-metadata.ts';
import { parityTolerance, range } from './probes.ts';

/** How a model that was made of a policy differs from it. */
export interface DerivedPolicy {
  /** The policy's own description, as the file still has it. */
  readonly origin: PolicyMetadata;
  /** What differs in the model: "operator set 21 instead of 17". */
  readonly changes: readonly string[];
  readonly golden: {
    readonly count: number;
    /** Largest difference to the recorded actions, as a part of the action's range; NaN where any is NaN. */
    readonly maxError: number;
    /** Pairs that are off by more than the tolerance, in their order, and by how much; NaN for an action of NaN. */
    readonly differing: readonly { readonly pair: number; readonly error: number }[];
    /** `maxError` with all pairs in one batch; null: the model takes one observation at a time. */
    readonly batchError: number | null;
    /** Pairs with an action outside its bounds. */
    readonly outOfBounds: readonly number[];
  };
  /** True where NaN in an observation still gives NaN; null: nor did it in the policy. */
  readonly isGuarded: boolean | null;
}

/**
 * Runs the golden pairs that the file still has through the model that it has now, one by one, as robots do: a
 * quantised model may scale the numbers of a whole batch by its largest.
 * @throws ExporterError `RUNTIME_FAILED`, `PARITY_FAILED` where the model takes or gives what no policy does
 */
export async function compareDerived(session: OnnxSession, derived: DerivedModel): Promise<DerivedPolicy> {
  const { origin, changes, header } = derived;
  const { golden, formatVersion } = origin;
  const ends = { input: endOf(header.inputs), output: endOf(header.outputs) };
  const width = golden.observations.length / golden.count;
  const rows: Float32Array[] = [];
  for (let row = 0; row < golden.count; row++) {
    rows.push(await session.run(golden.observations.slice(row * width, (row + 1) * width), 1, ends));
  }
  const isBatch = typeof header.inputs[0].shape[0] === 'string';
  const batch = isBatch ? await session.run(golden.observations.slice(), golden.count, ends) : null;
  const nothing = await session.run(new Float32Array(width).fill(Number.NaN), 1, ends);
  const isGuarded = formatVersion === 1 ? null : nothing.every((action) => Number.isNaN(action));
  return {
    origin,
    changes,
    golden: { ...compare(origin, rows), batchError: batch && errorOf(origin, batch) },
    isGuarded,
  };
}

/** Returns what changed, for people. */
export function describeDerived({ origin, changes, golden, isGuarded }: DerivedPolicy): string {
  const { count, differing, outOfBounds } = golden;
  const errors = differing.map(({ error }) => error);
  const finite = errors.filter((error) => !Number.isNaN(error));
  const worst = [
    ...(finite.length === 0 ? [] : [`at most by ${short(Math.max(...finite))}`]),
    ...(finite.length === errors.length ? [] : [`${errors.length - finite.length} of them NaN`]),
  ].join(', ');
  const { batchError } = golden;
  const inBatch =
    batchError === null || batchError <= Math.max(parityTolerance, 2 * golden.maxError)
      ? []
      : [`All in one batch, they differ by ${short(batchError)}.`];
  return [
    `derives from ${nameOf(origin)} and is not that policy: ${changes.join('; ')}.`,
    differing.length === 0
      ? `All ${count} golden pairs agree, to ${golden.maxError.toExponential(1)} of the action's range.`
      : `${differing.length} of ${count} golden pairs differ by more than ${parityTolerance.toExponential()} of the ` +
        `action's range, ${worst}: ${differing.map(({ pair, error }) => `${pair} by ${short(error)}`).join(', ')}.`,
    ...inBatch,
    ...(outOfBounds.length === 0 ? [] : [`Outside the action's bounds: ${outOfBounds.join(', ')}.`]),
    ...(isGuarded === false ? ['NaN in an observation gives an action.'] : []),
  ].join(' ');
}

function short(error: number): string {
  return error.toPrecision(2);
}

const endTypes: Readonly<Record<number, EndType>> = { 1: 'float32', 10: 'float16', 11: 'float64' };

function endOf(values: readonly HeaderValue[]): ModelEnds['input'] {
  const [value] = values;
  const type = endTypes[value?.dataType ?? 0];
  if (value !== undefined && type !== undefined && values.length === 1) return { name: value.name, type };
  const got = values.map(({ name, dataType }) => `${name} (data type ${dataType})`).join(', ') || 'none';
  throw new ExporterError('RUNTIME_FAILED', `expected one input and one output of floats, got ${got}`);
}

function errorOf({ golden, action }: PolicyMetadata, actions: Float32Array): number {
  checkActionCount(actions, golden.actions.length);
  const size = action.low.length;
  return golden.actions.reduce(
    (worst, value, i) =>
      Math.max(worst, Math.abs(actions[i] - value) / range(action.low, action.high, i % size)),
    0,
  );
}

function compare(
  { golden, action }: PolicyMetadata,
  rows: readonly Float32Array[],
): Omit<DerivedPolicy['golden'], 'batchError'> {
  const size = action.low.length;
  const errors = rows.map((actions, pair) => {
    checkActionCount(actions, size);
    const recorded = golden.actions.subarray(pair * size, (pair + 1) * size);
    const parts = recorded.map(
      (value, k) => Math.abs(actions[k] - value) / range(action.low, action.high, k),
    );
    return Math.max(...parts);
  });
  const isOutside = (value: number, k: number) => value < action.low[k] || value > action.high[k];
  return {
    count: golden.count,
    maxError: Math.max(...errors),
    differing: errors.flatMap((error, pair) => (error <= parityTolerance ? [] : [{ pair, error }])),
    outOfBounds: rows.flatMap((actions, pair) => (actions.some(isOutside) ? [pair] : [])),
  };
}
