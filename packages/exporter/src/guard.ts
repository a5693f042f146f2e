import { ExporterError } from './errors.ts';
import { checkActionCount, type RunActions } from './parity.ts';
import { actionSizeOf, observationSizeOf, type PolicyDefinition } from './policy-definition.ts';

const notFinite = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;

/** More would only take time. */
const mostPlaces = 100;

/**
 * Each value that is not finite, in each place of an observation (in some, of large ones), with a sound observation
 * between every two: NaN is expected for the former, and for the latter what they give alone, bit for bit.
 * @throws ExporterError `UNGUARDED`, `PARITY_FAILED`, and what `run` throws
 */
export async function checkGuard(definition: PolicyDefinition, run: RunActions): Promise<void> {
  const [size, actionSize] = [observationSizeOf(definition), actionSizeOf(definition)];
  const stride = Math.ceil(size / mostPlaces);
  const faults = Array.from({ length: Math.ceil(size / stride) }, (_, i) => i * stride).flatMap((place) =>
    notFinite.map((value) => ({ place, value })),
  );
  const rows = 2 * faults.length;
  const observations = new Float32Array(rows * size);
  faults.forEach(({ place, value }, i) => {
    observations[2 * i * size + place] = value;
  });
  const actions = await run(observations, rows);
  checkActionCount(actions, rows * actionSize);
  const sound = await run(new Float32Array(rows * size), rows);
  actions.forEach((action, index) => {
    const row = Math.floor(index / actionSize);
    const { place, value } = faults[Math.floor(row / 2)];
    if (row % 2 === 1 ? Object.is(action, sound[index]) : Number.isNaN(action)) return;
    throw new ExporterError(
      'UNGUARDED',
      row % 2 === 1
        ? `${value} at index ${place} of an observation changes the action of the next one in its batch`
        : `${value} at index ${place} of the observation: expected NaN from ONNX Runtime, got ${action}`,
    );
  });
}
