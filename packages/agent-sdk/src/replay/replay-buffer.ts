import { AgentError } from '../errors.ts';
import type { RandomStream } from '../random/random-stream.ts';
import type { Batch } from '../td3/learner.ts';
import { batchRowWidths, checkBatch } from '../td3/shape-checks.ts';

/** The five arrays of stored transitions, row-major; actions in [-1, 1] units. */
type Columns = Omit<Batch, 'size'>;

/** Sizes of a replay buffer. */
export interface ReplayBufferOptions {
  readonly observationSize: number;
  readonly actionSize: number;
  /** Transitions kept; the oldest go first. Default 1 000 000. */
  readonly capacity?: number;
  /**
   * The number of them that there will be, if that is known to be less: memory is taken for so many. Should there be
   * more, it is taken for more, up to the capacity; no bit depends on it. Not for shared memory, which others have hold
   * of.
   */
  readonly expected?: number;
  /** Back the arrays with SharedArrayBuffers, so that other threads can read them. Default false. */
  readonly shared?: boolean;
}

/** What a checkpoint keeps. The arrays hold `size` rows in stored order: row i is slot i of the ring. */
export interface ReplayBufferState extends Columns {
  readonly capacity: number;
  readonly size: number;
  /** The slot that the next transition goes to. */
  readonly cursor: number;
}

/** Bytes that a replay buffer of these sizes takes, known before it is made. */
export function replayByteLength(options: ReplayBufferOptions): number {
  const { observationSize, actionSize } = options;
  return reservedRows(options) * (2 * observationSize + actionSize + 2) * Float32Array.BYTES_PER_ELEMENT;
}

function reservedRows({ capacity = 1_000_000, expected = capacity }: ReplayBufferOptions): number {
  return Math.min(capacity, expected);
}

/**
 * A ring of transitions in float32 (TD3 step 1). Memory is reserved at construction; pages that have not
 * been written to yet cost nothing on the usual operating systems. `terminated` is the only end that is kept:
 * truncated transitions bootstrap from their next observation.
 */
export class ReplayBuffer {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly capacity: number;
  #columns: Columns;
  /** Rows that there is memory for. */
  #rows: number;
  readonly #widths: Readonly<Record<keyof Columns, number>>;
  /** The slots of the batch that is being drawn. */
  #slots = new Uint32Array(0);
  /** What `#fetch` read: kept, so that no compiler leaves the reads out. */
  readonly #fetched = new Float64Array(1);
  #size = 0;
  #cursor = 0;

  constructor(options: ReplayBufferOptions) {
    const { observationSize, actionSize, capacity = 1_000_000, shared = false } = options;
    const { expected = capacity } = options;
    for (const [name, value] of Object.entries({ observationSize, actionSize, capacity, expected })) {
      if (!Number.isSafeInteger(value) || value < 1) {
        throw new AgentError(
          'INVALID_OPTION',
          `replay buffer: ${name} must be a positive integer, got ${value}`,
        );
      }
    }
    this.observationSize = observationSize;
    this.actionSize = actionSize;
    this.capacity = capacity;
    this.#widths = batchRowWidths(options);
    this.#rows = shared ? capacity : reservedRows(options);
    this.#columns = this.#allocate(this.#rows, shared);
  }

  /** Bytes of the memory that is reserved. */
  get byteLength(): number {
    const { observationSize, actionSize } = this;
    return replayByteLength({ observationSize, actionSize, capacity: this.#rows });
  }

  /** Reserves columns of so many rows. @throws AgentError INVALID_OPTION where there is not as much memory */
  #allocate(rows: number, shared = false): Columns {
    const column = (width: number) => {
      const bytes = Float32Array.BYTES_PER_ELEMENT * rows * width;
      return new Float32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    };
    const { observation, action, reward, nextObservation, terminated } = this.#widths;
    try {
      return {
        observation: column(observation),
        action: column(action),
        reward: column(reward),
        nextObservation: column(nextObservation),
        terminated: column(terminated),
      };
    } catch (cause) {
      const { observationSize, actionSize } = this;
      const gigabytes = (replayByteLength({ observationSize, actionSize, capacity: rows }) / 1e9).toFixed(2);
      const message = `replay buffer: ${rows} transitions need ${gigabytes} GB`;
      throw new AgentError('INVALID_OPTION', message, { cause });
    }
  }

  /** More transitions than were expected. */
  #enlarge(rows: number): void {
    const columns = this.#allocate(rows);
    for (const name of Object.keys(columns) as (keyof Columns)[]) columns[name].set(this.#columns[name]);
    this.#columns = columns;
    this.#rows = rows;
  }

  /** Transitions held, at most `capacity`. */
  get size(): number {
    return this.#size;
  }

  // #region add
  /**
   * Stores one transition, each value rounded to float32 here and nowhere else. Nothing is stored on an error.
   * @param action in [-1, 1] units
   * @param nextObservation the one before a reset, also where the episode was truncated
   * @throws AgentError NON_FINITE_VALUE, SHAPE_MISMATCH
   */
  add(
    observation: ArrayLike<number>,
    action: ArrayLike<number>,
    reward: number,
    nextObservation: ArrayLike<number>,
    terminated: boolean,
  ): void {
    checkValues('observation', observation, this.observationSize);
    checkValues('action', action, this.actionSize);
    checkValues('reward', [reward], 1);
    checkValues('nextObservation', nextObservation, this.observationSize);
    const slot = this.#cursor;
    if (slot >= this.#rows) this.#enlarge(Math.min(this.capacity, 2 * this.#rows));
    this.#columns.observation.set(observation, slot * this.observationSize);
    this.#columns.action.set(action, slot * this.actionSize);
    this.#columns.reward[slot] = reward;
    this.#columns.nextObservation.set(nextObservation, slot * this.observationSize);
    this.#columns.terminated[slot] = terminated ? 1 : 0;
    this.#cursor = (slot + 1) % this.capacity;
    this.#size = Math.min(this.#size + 1, this.capacity);
  }
  // #endregion

  /**
   * Fills `batch` with `batch.size` transitions drawn uniformly with replacement (TD3 step 4).
   * @throws AgentError REPLAY_EMPTY, SHAPE_MISMATCH
   */
  sample(batch: Batch, stream: RandomStream): void {
    if (this.#size === 0)
      throw new AgentError('REPLAY_EMPTY', 'replay buffer: sample() before the first add()');
    checkBatch(batch, this);
    if (this.#slots.length !== batch.size) this.#slots = new Uint32Array(batch.size);
    for (let row = 0; row < batch.size; row++) this.#slots[row] = stream.integer(this.#size);
    const names = Object.keys(this.#columns) as (keyof Columns)[];
    for (const name of names) this.#fetch(this.#columns[name], this.#widths[name]);
    for (const name of names) copyRows(this.#columns[name], this.#slots, batch[name], this.#widths[name]);
  }

  /**
   * Reads both ends of the drawn rows. They are anywhere in hundreds of megabytes, and a copying loop waits for one
   * row after the other; this one has the processor fetch dozens at once, in a quarter of the time.
   */
  #fetch(column: Float32Array, width: number): void {
    let sum = 0;
    for (const slot of this.#slots) {
      sum += column[slot * width] + column[(slot + 1) * width - 1];
    }
    this.#fetched[0] = sum;
  }

  /** The largest absolute reward held; 0 when nothing is. */
  largestReward(): number {
    let largest = 0;
    for (let slot = 0; slot < this.#size; slot++) {
      largest = Math.max(largest, Math.abs(this.#columns.reward[slot]));
    }
    return largest;
  }

  /** The state as views, not copies: valid until the next `add` or `importState`. */
  exportState(): ReplayBufferState {
    const { capacity } = this;
    const head = (name: keyof Columns) => this.#columns[name].subarray(0, this.#size * this.#widths[name]);
    return {
      capacity,
      size: this.#size,
      cursor: this.#cursor,
      observation: head('observation'),
      action: head('action'),
      reward: head('reward'),
      nextObservation: head('nextObservation'),
      terminated: head('terminated'),
    };
  }

  /**
   * The place where `importState` puts the first values of a column. A state that was read into these views is taken
   * over in place, which spares a second copy of gigabytes. Undefined: no such column, or not as much room.
   */
  columnView(name: string, length: number): Float32Array | undefined {
    if (!Object.hasOwn(this.#columns, name)) return undefined;
    if (length > this.#rows * this.#widths[name as keyof Columns]) return undefined;
    const column = this.#columns[name as keyof Columns];
    return column.subarray(0, length);
  }

  /**
   * Replaces all content by copies of the state's arrays.
   * @throws AgentError INVALID_STATE when it is of another capacity, other sizes, or damaged
   */
  importState(state: ReplayBufferState): void {
    const { capacity, size, cursor } = state;
    const isFull = size === this.capacity;
    const isRing =
      Number.isInteger(size) && size >= 0 && size <= this.capacity && Number.isInteger(cursor) && cursor >= 0;
    if (capacity !== this.capacity || !isRing || (isFull ? cursor >= capacity : cursor !== size)) {
      throw new AgentError(
        'INVALID_STATE',
        `replay buffer of capacity ${this.capacity}: cannot take a state of capacity ${capacity}, size ${size}, cursor ${cursor}`,
      );
    }
    const names = Object.keys(this.#columns) as (keyof Columns)[];
    for (const name of names) {
      const expected = size * this.#widths[name];
      if (state[name].length !== expected) {
        throw new AgentError(
          'INVALID_STATE',
          `replay buffer: ${name} must hold ${expected} values (${size} rows), got ${state[name].length}`,
        );
      }
    }
    if (size > this.#rows) this.#enlarge(size);
    for (const name of names) this.#columns[name].set(state[name]);
    this.#size = size;
    this.#cursor = cursor;
  }
}

/** Values must be finite as float32, which refuses a float64 beyond float32's range too. */
function checkValues(field: string, values: ArrayLike<number>, expectedLength: number): void {
  if (values.length !== expectedLength) {
    throw new AgentError(
      'SHAPE_MISMATCH',
      `${field}: expected ${expectedLength} values, got ${values.length}`,
    );
  }
  for (let i = 0; i < expectedLength; i++) {
    const value = values[i];
    if (!Number.isFinite(Math.fround(value))) {
      throw new AgentError('NON_FINITE_VALUE', `${field}[${i}]: expected a finite float32, got ${value}`);
    }
  }
}

/** A plain loop: for rows this short it beats `set(subarray(…))`, which makes an object per call. */
function copyRows(source: Float32Array, slots: Uint32Array, target: Float32Array, width: number): void {
  for (let row = 0; row < slots.length; row++) {
    const from = slots[row] * width;
    const to = row * width;
    for (let i = 0; i < width; i++) target[to + i] = source[from + i];
  }
}
