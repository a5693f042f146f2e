/**
 * What plays, whatever it is made of: the actor in training, a saved one, an ONNX file (`OnnxPolicy` of
 * `@gymwire/exporter`), a rule of one's own. A batch of observations in, actions in the environment's units out.
 */
export interface Policy {
  /**
   * Plays one step of each row.
   * @param observations [rows, observationSize] row-major: flattened, as the environment gave them; read, never kept
   * @param rows one an environment; row i is environment i's in every call
   * @returns [rows, actionSize] row-major, environment units; may be reused by the next call
   */
  act(observations: Float32Array, rows: number): Float32Array | Promise<Float32Array>;

  /**
   * Forgets what is remembered of these rows: the next observation of each is the first of an episode. Called before
   * the first `act` of every episode; a policy that remembers nothing has nothing to do.
   * @param rows indices, ascending
   */
  reset(rows: readonly number[]): void | Promise<void>;

  /** What it remembers from step to step; absent where an action depends on nothing but the observation. */
  readonly memory?: PolicyMemory | undefined;
}

/** State a row of a policy (a recurrent network's, frames that it stacks, noise that drifts), for a checkpoint. */
export interface PolicyMemory {
  /** Returns a copy. */
  exportState(): PolicyState;

  /**
   * Goes on from a state that was exported.
   * @throws AgentError INVALID_STATE, SHAPE_MISMATCH where it does not fit
   */
  importState(state: PolicyState): void;
}

/** Arrays by name, each [rows, …] row-major. */
export type PolicyState = Readonly<Record<string, Float32Array | Float64Array>>;
