import { ExporterError } from './errors.ts';
import { actionSizeOf, observationSizeOf, type PolicyDefinition } from './policy-definition.ts';
import { type Probes, parityTolerance, range } from './probes.ts';

/** How close ONNX Runtime's actions are to the float64 reference's. */
export interface ParityReport {
  /** Observations compared, each in the full batch and again in a smaller one. */
  readonly observations: number;
  readonly batchSizes: readonly number[];
  /** Largest difference, as a part of the action's range (high − low). */
  readonly maxError: number;
  /** The same, one an action dimension. */
  readonly maxErrorByAction: readonly number[];
  /** What `maxError` may be at most. */
  readonly tolerance: number;
  /** Observations drawn anew, since float32 rounding alone could exceed the tolerance on them. */
  readonly redrawn: number;
}

/** Row-major observations in, row-major actions out. */
export type RunActions = (observations: Float32Array, count: number) => Promise<Float32Array>;

/** Runtimes choose kernels by batch size, so odd ones are tried as well. */
const smallBatches = [1, 1, 2, 3, 7, 17, 33, 129];

/** @throws ExporterError `PARITY_FAILED`, `ACTION_OUT_OF_BOUNDS`, and what `run` throws */
export async function checkParity(
  definition: PolicyDefinition,
  probes: Probes,
  run: RunActions,
): Promise<ParityReport> {
  const batchSizes = [probes.count, ...smallBatches];
  batchSizes.push(probes.count - smallBatches.reduce((sum, size) => sum + size, 0));
  const worst = new Float64Array(actionSizeOf(definition));
  const observationSize = observationSizeOf(definition);
  let row = 0;
  for (const size of batchSizes) {
    const batch = probes.observations.slice(row * observationSize, (row + size) * observationSize);
    const actions = await run(batch, size);
    compare(definition, probes, row, size, actions, worst);
    row = (row + size) % probes.count;
  }
  return {
    observations: probes.count,
    batchSizes,
    maxError: Math.max(...worst),
    maxErrorByAction: Array.from(worst),
    tolerance: parityTolerance,
    redrawn: probes.redrawn,
  };
}

/** Raises `worst` to the largest errors, parts of the action's range, of probes `first` and following. */
function compare(
  definition: PolicyDefinition,
  probes: Probes,
  first: number,
  count: number,
  actions: Float32Array,
  worst: Float64Array,
): void {
  const size = worst.length;
  checkActionCount(actions, count * size);
  actions.forEach((action, index) => {
    const probe = first + Math.floor(index / size);
    const where = () => `observation ${probe} (${probes.kinds[probe]}), action ${index % size}`;
    const error = actionError(definition, probes.actions[first * size + index], action, index % size, where);
    if (!(error <= parityTolerance)) {
      throw new ExporterError(
        'PARITY_FAILED',
        `${where()}: expected ${probes.actions[first * size + index]} from ONNX Runtime, got ${action}: off by ` +
          `${error} of the action's range, at most ${parityTolerance} is allowed (batch of ${count})`,
      );
    }
    worst[index % size] = Math.max(worst[index % size], error);
  });
}

/** @throws ExporterError `PARITY_FAILED` */
export function checkActionCount(actions: Float32Array, expected: number): void {
  if (actions.length === expected) return;
  throw new ExporterError('PARITY_FAILED', `expected ${expected} action values, got ${actions.length}`);
}

/**
 * How far an action is from the expected one, as a part of its range; NaN for NaN.
 * @throws ExporterError `ACTION_OUT_OF_BOUNDS`: bounds hold exactly
 */
export function actionError(
  { actionLow, actionHigh }: PolicyDefinition,
  expected: number,
  action: number,
  dimension: number,
  where: () => string,
): number {
  const low = actionLow[dimension];
  const high = actionHigh[dimension];
  if (action < low || action > high) {
    throw new ExporterError(
      'ACTION_OUT_OF_BOUNDS',
      `${where()}: expected an action in [${low}, ${high}], got ${action}`,
    );
  }
  return Math.abs(action - expected) / range(actionLow, actionHigh, dimension);
}
