import { ExporterError } from './errors.ts';
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
  readonly #running = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;

  private constructor(session: OnnxSession, metadata: PolicyMetadata, largestObservation: number) {
    this.#session = session;
    this.#largestObservation = largestObservation;
    this.metadata = metadata;
  }

  /**
   * Loads a whole policy; its hashes are checked, its actions are not: that is `verifyPolicy`'s part.
   * @throws ExporterError `UNREADABLE_FILE`, `NOT_ONNX`, `FOREIGN_MODEL`, `UNSUPPORTED_FORMAT`,
   * `CORRUPT_WEIGHTS`, `CORRUPT_MODEL`, `INVALID_METADATA`, `UNEXPECTED_GRAPH`, `RUNTIME_FAILED`
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
   * @param observation [observationSize]; copied before this returns
   * @returns [actionSize], environment units, within the bounds
   * @throws ExporterError `OBSERVATION_SIZE`, `NON_FINITE_OBSERVATION`, `OBSERVATION_TOO_LARGE`, `DISPOSED`
   */
  async act(observation: Float32Array): Promise<Float32Array> {
    return this.actBatch(observation, 1);
  }

  /**
   * @param observations row-major [count, observationSize]; copied before this returns
   * @returns row-major [count, actionSize], environment units, within the bounds
   * @throws ExporterError as `act`
   */
  async actBatch(observations: Float32Array, count: number): Promise<Float32Array> {
    if (this.#disposal !== undefined) throw new ExporterError('DISPOSED', 'the policy was disposed of');
    this.#checkObservations(observations, count);
    const run = this.#session.run(observations.slice(), count);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  /** Frees the session once the calls under way have been answered. May be called more than once. */
  async dispose(): Promise<void> {
    this.#disposal ??= Promise.allSettled(this.#running).then(() => this.#session.release());
    await this.#disposal;
  }

  #checkObservations(observations: Float32Array, count: number): void {
    const size = this.observationSize;
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new ExporterError('OBSERVATION_SIZE', `expected a count of at least 1 observation, got ${count}`);
    }
    if (!(observations instanceof Float32Array) || observations.length !== count * size) {
      const got =
        observations instanceof Float32Array ? `${observations.length} values` : typeof observations;
      const expected = count === 1 ? `${size} values` : `${count} × ${size} values`;
      throw new ExporterError(
        'OBSERVATION_SIZE',
        `${this.metadata.envId}: expected ${expected} in a Float32Array, got ${got}`,
      );
    }
    const limit = this.#largestObservation;
    const bad = observations.findIndex((value) => !(Math.abs(value) <= limit));
    if (bad < 0) return;
    const value = observations[bad];
    const finite = Number.isFinite(value);
    throw new ExporterError(
      finite ? 'OBSERVATION_TOO_LARGE' : 'NON_FINITE_OBSERVATION',
      `observation ${Math.floor(bad / size)}, index ${bad % size}: expected ` +
        `${finite ? `at most ±${limit}, beyond which float32 may overflow` : 'a finite number'}, got ${value}`,
    );
  }
}
