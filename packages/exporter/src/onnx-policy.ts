import { ExporterError } from './errors.ts';
import { flattenObservation, type Observation, tagOf } from './flatten-observation.ts';
import { flatLayout, type ObservationLayout, placeOf } from './observation-layout.ts';
import { OnnxSession } from './onnx-session.ts';
import { openPolicy, type PolicySource, readPolicyBytes } from './open-policy.ts';
import { overflowLimit } from './overflow-limit.ts';
import type { PolicyMetadata } from './policy-metadata.ts';

/**
 * A policy file in ONNX Runtime. Observations that are not finite, or so large that float32 may overflow, are
 * refused here: runtimes differ in what they make of NaN, and some make a plausible action of it.
 */
export class OnnxPolicy {
  readonly metadata: PolicyMetadata;
  readonly #session: OnnxSession;
  readonly #largestObservation: number;
  readonly #layout: ObservationLayout;
  readonly #running = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;

  private constructor(session: OnnxSession, metadata: PolicyMetadata, largestObservation: number) {
    this.#session = session;
    this.#largestObservation = largestObservation;
    this.metadata = metadata;
    this.#layout = metadata.observation.layout ?? flatLayout(metadata.observation.low.length);
  }

  /**
   * Loads a whole policy; its hashes are checked, its actions are not: that is `verifyPolicy`'s part.
   * @throws ExporterError `UNREADABLE_FILE`, `NOT_ONNX`, `FOREIGN_MODEL`, `UNSUPPORTED_FORMAT`,
   * `CORRUPT_WEIGHTS`, `CORRUPT_MODEL`, `DERIVED_MODEL`, `INVALID_METADATA`, `UNEXPECTED_GRAPH`, `RUNTIME_FAILED`
   */
  static async load(source: PolicySource): Promise<OnnxPolicy> {
    const bytes = await readPolicyBytes(source);
    const { metadata, definition } = openPolicy(bytes, source);
    return new OnnxPolicy(await OnnxSession.create(bytes), metadata, overflowLimit(definition));
  }

  get observationSize(): number {
    return this.metadata.observation.low.length;
  }

  get actionSize(): number {
    return this.metadata.action.low.length;
  }

  /**
   * Plays one observation, or a batch of them.
   * @param observation as the environment gives it, of `metadata.observation.layout`; or flattened: a Float32Array of
   * [observationSize], the only way where the file has no layout. Read before this returns
   * @param rows given: so many observations at once, each array with a leading dimension `rows`, as vector environments
   * give them; or flattened: row-major [rows, observationSize]
   * @returns [actionSize], or row-major [rows, actionSize]: environment units, within the bounds
   * @throws ExporterError `OBSERVATION_SIZE`, `OBSERVATION_STRUCTURE`, `OBSERVATION_VALUE`, `NON_FINITE_OBSERVATION`,
   * `OBSERVATION_TOO_LARGE`, `DISPOSED`
   */
  async act(observation: Observation, rows?: number): Promise<Float32Array> {
    if (this.#disposal !== undefined) throw new ExporterError('DISPOSED', 'the policy was disposed of');
    if (rows !== undefined && (!Number.isSafeInteger(rows) || rows < 1)) {
      throw new ExporterError('OBSERVATION_SIZE', `expected at least 1 row of observations, got ${rows}`);
    }
    const count = rows ?? 1;
    const flat = isFlat(observation)
      ? this.#copy(observation, count)
      : flattenObservation(this.#layout, observation, rows);
    this.#checkValues(flat);
    const run = this.#session.run(flat, count);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  /**
   * Does nothing: an exported actor remembers nothing. It is here so that this is a `Policy` of `@gymwire/agent-sdk`,
   * which is told where episodes start.
   */
  reset(_rows: readonly number[]): void {}

  /** Frees the session once the calls under way have been answered. May be called more than once. */
  async dispose(): Promise<void> {
    this.#disposal ??= Promise.allSettled(this.#running).then(() => this.#session.release());
    await this.#disposal;
  }

  /** Into this realm's class, whatever the caller's is. */
  #copy(observations: Float32Array, count: number): Float32Array {
    const size = this.observationSize;
    if (observations.length === count * size) return new Float32Array(observations);
    const expected = count === 1 ? `${size} values` : `${count} × ${size} values`;
    throw new ExporterError(
      'OBSERVATION_SIZE',
      `${this.metadata.envId}: expected ${expected} in a Float32Array, got ${observations.length} values`,
    );
  }

  #checkValues(rows: Float32Array): void {
    const limit = this.#largestObservation;
    const bad = rows.findIndex((value) => !(Math.abs(value) <= limit));
    if (bad < 0) return;
    const size = this.observationSize;
    const value = rows[bad];
    const finite = Number.isFinite(value);
    const layout = this.#layout;
    const place = layout.type === 'box' ? '' : ` (${placeOf(layout, bad % size)})`;
    throw new ExporterError(
      finite ? 'OBSERVATION_TOO_LARGE' : 'NON_FINITE_OBSERVATION',
      `observation ${Math.floor(bad / size)}, index ${bad % size}${place}: expected ` +
        `${finite ? `at most ±${limit}, beyond which float32 may overflow` : 'a finite number'}, got ${value}`,
    );
  }
}

/** Rows as they are fed to the network, which is also what a flat float32 Box gives. */
function isFlat(observation: Observation): observation is Float32Array {
  return tagOf(observation) === 'Float32Array';
}
