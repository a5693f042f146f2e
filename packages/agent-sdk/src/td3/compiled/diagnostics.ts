/** Switches for benchmarks that take a learner apart. No run has a use for them. */
export interface CompiledDiagnostics {
  /** Leave Adam's moments to decay into denormals, to see what that costs. Default false. */
  readonly keepDenormals?: boolean;
  /**
   * Have onnxruntime time every node of both graphs and write what it saw to two files, whose names begin with
   * `<prefix>-critics` and `<prefix>-policy`, when the learner is disposed of.
   */
  readonly profilePrefix?: string;
}
