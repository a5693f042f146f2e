import { ExporterError, messageOf } from './errors.ts';
import { tagOf } from './flatten-observation.ts';
import { type ObservationLayout, parseLayout } from './observation-layout.ts';
import type { PolicyDefinition } from './policy-definition.ts';
import type {
  EvaluationSummary,
  LinearLayer,
  ObservationNormalizer,
  PolicySnapshot,
} from './policy-snapshot.ts';

/**
 * The policy's function, taken from a snapshot that was found sound. The arrays are copies, of
 * this realm: the snapshot's may be a live learner's.
 * @throws ExporterError `INVALID_SNAPSHOT`, `SHAPE_MISMATCH`, `NON_FINITE_VALUE`, `INVALID_ACTION_BOUNDS`
 */
export function checkSnapshot(snapshot: PolicySnapshot): PolicyDefinition {
  if (typeof snapshot !== 'object' || snapshot === null) {
    const got = typeof snapshot === 'string' ? JSON.stringify(snapshot) : String(snapshot);
    throw new ExporterError(
      'INVALID_SNAPSHOT',
      `expected a snapshot, such as a training's result.policy, got ${got}; a run without an evaluation has no best one`,
    );
  }
  checkDescription(snapshot);
  checkObservationBounds(snapshot.observationLow, snapshot.observationHigh);
  snapshotLayout(snapshot);
  checkActionBounds(snapshot.actionLow, snapshot.actionHigh);
  const observationSize = snapshot.observationLow.length;
  checkActor(snapshot.actor, observationSize, snapshot.actionLow.length);
  const normalizer = snapshot.observationNormalizer;
  if (normalizer !== undefined) checkNormalizer(normalizer, observationSize);
  return {
    layers: snapshot.actor.map(({ inputs, outputs, weight, bias }) => ({
      inputs,
      outputs,
      weight: new Float32Array(weight),
      bias: new Float32Array(bias),
    })),
    ...(normalizer === undefined
      ? {}
      : {
          normalizer: {
            mean: new Float32Array(normalizer.mean),
            scale: new Float32Array(normalizer.scale),
            clip: Math.fround(normalizer.clip),
          },
        }),
    actionLow: withoutNegativeZero(snapshot.actionLow),
    actionHigh: withoutNegativeZero(snapshot.actionHigh),
  };
}

/**
 * Its known fields only.
 * @throws ExporterError `INVALID_SNAPSHOT`
 */
export function snapshotLayout({
  observationLayout,
  observationLow,
}: PolicySnapshot): ObservationLayout | undefined {
  if (observationLayout === undefined) return undefined;
  try {
    return parseLayout(observationLayout, 'observationLayout', observationLow.length);
  } catch (cause) {
    throw new ExporterError('INVALID_SNAPSHOT', messageOf(cause), { cause });
  }
}

/** JSON has no −0, and the bounds stand in the metadata as well as in the graph. */
export function withoutNegativeZero(values: Float32Array): Float32Array {
  return Float32Array.from(values, (value) => value + 0);
}

function checkDescription(snapshot: PolicySnapshot): void {
  const { envId, envSteps, configHash, evaluation } = snapshot;
  if (typeof envId !== 'string' || envId === '') throw invalid('envId', 'a name', envId);
  if (!Number.isSafeInteger(envSteps) || envSteps < 0) throw invalid('envSteps', 'an integer ≥ 0', envSteps);
  if (typeof configHash !== 'string' || !/^[0-9a-f]{64}$/.test(configHash)) {
    throw invalid('configHash', 'a sha256 of 64 lowercase hex digits', configHash);
  }
  if (evaluation !== undefined) checkEvaluation(evaluation);
  checkEnvOptions(snapshot);
}

function checkEnvOptions({
  envArguments = {},
  maxEpisodeSteps = 0,
  envUnconfirmed = true,
}: PolicySnapshot): void {
  if (envUnconfirmed !== true) throw invalid('envUnconfirmed', 'true, or nothing', envUnconfirmed);
  if (!Number.isSafeInteger(maxEpisodeSteps) || maxEpisodeSteps < 0) {
    throw invalid('maxEpisodeSteps', 'an integer ≥ 0', maxEpisodeSteps);
  }
  for (const [name, value] of Object.entries(envArguments)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isJson =
      typeof value === 'boolean' || typeof value === 'string' || items.every((item) => Number.isFinite(item));
    if (!isJson) throw invalid(`envArguments.${name}`, 'finite numbers, a boolean or a string', value);
  }
}

function checkEvaluation(evaluation: EvaluationSummary): void {
  const { episodes, meanReturn, stdReturn, meanLength } = evaluation;
  if (!Number.isSafeInteger(episodes) || episodes < 1) {
    throw invalid('evaluation.episodes', 'an integer ≥ 1', episodes);
  }
  for (const [name, value] of Object.entries({ meanReturn, stdReturn, meanLength })) {
    if (!Number.isFinite(value)) throw invalid(`evaluation.${name}`, 'a finite number', value);
  }
}

function checkObservationBounds(low: Float32Array, high: Float32Array): void {
  checkLength('observationHigh', high, low.length, 'as many as observationLow');
  if (low.length === 0) throw invalid('observationLow', 'at least one value', 'none');
  low.forEach((value, i) => {
    const upper = high[i];
    if (value <= upper) return;
    throw invalid(`observationLow[${i}]`, `a number ≤ observationHigh[${i}] = ${upper}`, value);
  });
}

function checkActionBounds(low: Float32Array, high: Float32Array): void {
  checkLength('actionHigh', high, low.length, 'as many as actionLow');
  if (low.length === 0) throw invalid('actionLow', 'at least one value', 'none');
  low.forEach((value, i) => {
    const upper = high[i];
    if (Number.isFinite(value) && Number.isFinite(upper) && value < upper) return;
    throw new ExporterError(
      'INVALID_ACTION_BOUNDS',
      `action dimension ${i}: expected finite bounds with low < high, got [${value}, ${upper}]`,
    );
  });
}

function checkActor(layers: readonly LinearLayer[], observationSize: number, actionSize: number): void {
  if (layers.length === 0) throw invalid('actor', 'at least one layer', 'none');
  let width = observationSize;
  layers.forEach(({ inputs, outputs, weight, bias }, i) => {
    const where = `actor[${i}]`;
    if (inputs !== width) {
      const source = i === 0 ? 'the observation size' : `the outputs of actor[${i - 1}]`;
      throw mismatch(`${where}.inputs`, `${width}, ${source}`, inputs);
    }
    if (!Number.isSafeInteger(outputs) || outputs < 1)
      throw invalid(`${where}.outputs`, 'a size ≥ 1', outputs);
    checkLength(`${where}.weight`, weight, inputs * outputs, `[${outputs}, ${inputs}]`);
    checkLength(`${where}.bias`, bias, outputs, `[${outputs}]`);
    checkFinite(`${where}.weight`, weight);
    checkFinite(`${where}.bias`, bias);
    width = outputs;
  });
  if (width !== actionSize) {
    throw mismatch(`actor[${layers.length - 1}].outputs`, `${actionSize}, the action size`, width);
  }
}

function checkNormalizer({ mean, scale, clip }: ObservationNormalizer, observationSize: number): void {
  checkLength('observationNormalizer.mean', mean, observationSize, 'the observation size');
  checkLength('observationNormalizer.scale', scale, observationSize, 'the observation size');
  checkFinite('observationNormalizer.mean', mean);
  checkFinite('observationNormalizer.scale', scale);
  const bad = scale.findIndex((value) => value <= 0);
  if (bad >= 0) throw invalid(`observationNormalizer.scale[${bad}]`, 'a number above 0', scale[bad]);
  if (!(Math.fround(clip) > 0)) throw invalid('observationNormalizer.clip', 'a number above 0', clip);
}

function checkLength(what: string, values: Float32Array, expected: number, source: string): void {
  if (tagOf(values) !== 'Float32Array') throw invalid(what, 'a Float32Array', values);
  if (values.length !== expected) {
    throw mismatch(`${what}: number of values`, `${expected} (${source})`, values.length);
  }
}

function checkFinite(what: string, values: Float32Array): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new ExporterError(
    'NON_FINITE_VALUE',
    `${what}[${bad}]: expected a finite number, got ${values[bad]}`,
  );
}

function invalid(what: string, expected: string, got: unknown): ExporterError {
  return new ExporterError('INVALID_SNAPSHOT', `${what}: expected ${expected}, got ${String(got)}`);
}

function mismatch(what: string, expected: string, got: number): ExporterError {
  return new ExporterError('SHAPE_MISMATCH', `${what}: expected ${expected}, got ${got}`);
}
