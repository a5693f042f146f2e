import { ExporterError } from './errors.ts';
import { actionError, checkActionCount, type RunActions } from './parity.ts';
import { actionSizeOf, observationSizeOf, type PolicyDefinition } from './policy-definition.ts';
import type { GoldenPairs } from './policy-metadata.ts';
import { type ProbeKind, type Probes, parityTolerance } from './probes.ts';

/** Pairs of each kind; 32 in all. */
const pairsOfKind: Readonly<Record<ProbeKind, number>> = {
  zeros: 1,
  bounds: 5,
  extreme: 6,
  saturated: 6,
  random: 14,
};

/**
 * The first probes of each kind, with the reference's actions rounded to float32: not ONNX Runtime's, so that
 * a file does not depend on the machine that it was written on.
 */
export function pickGoldenPairs(definition: PolicyDefinition, probes: Probes): GoldenPairs {
  const taken: Record<ProbeKind, number> = { zeros: 0, bounds: 0, extreme: 0, saturated: 0, random: 0 };
  const indices = probes.kinds.flatMap((kind, i) => (taken[kind]++ < pairsOfKind[kind] ? [i] : []));
  return {
    count: indices.length,
    observations: pickRows(probes.observations, indices, observationSizeOf(definition)),
    actions: pickRows(probes.actions, indices, actionSizeOf(definition)),
  };
}

/**
 * @returns the largest difference, as a part of the action's range
 * @throws ExporterError `GOLDEN_MISMATCH`, `ACTION_OUT_OF_BOUNDS`, and what `run` throws
 */
export async function checkGoldenPairs(
  definition: PolicyDefinition,
  golden: GoldenPairs,
  run: RunActions,
): Promise<number> {
  const actions = await run(golden.observations.slice(), golden.count);
  checkActionCount(actions, golden.actions.length);
  const size = actionSizeOf(definition);
  let worst = 0;
  actions.forEach((action, index) => {
    const where = () => `golden pair ${Math.floor(index / size)}, action ${index % size}`;
    const error = actionError(definition, golden.actions[index], action, index % size, where);
    if (!(error <= parityTolerance)) {
      throw new ExporterError(
        'GOLDEN_MISMATCH',
        `${where()}: the file records ${golden.actions[index]}, ONNX Runtime gives ${action}: off by ` +
          `${error} of the action's range, at most ${parityTolerance} is allowed`,
      );
    }
    worst = Math.max(worst, error);
  });
  return worst;
}

function pickRows(values: ArrayLike<number>, indices: readonly number[], width: number): Float32Array {
  return Float32Array.from({ length: indices.length * width }, (_, at) => {
    const row = indices[Math.floor(at / width)];
    // JSON has no −0.
    return values[row * width + (at % width)] + 0;
  });
}
