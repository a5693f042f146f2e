/** tfjs-node's native TensorFlow, WebAssembly with SIMD, plain JavaScript: the fastest first. */
export const tfjsBackendNames = ['tensorflow', 'wasm', 'cpu'] as const;
/** A backend of TensorFlow.js that the learner can run on. */
export type TfjsBackendName = (typeof tfjsBackendNames)[number];

/** A backend that was loaded. */
export interface TfjsBackend {
  readonly name: TfjsBackendName;
  /** One line for people: which backend computes, and how to get the native one where it does not. */
  readonly notice: string;
}
