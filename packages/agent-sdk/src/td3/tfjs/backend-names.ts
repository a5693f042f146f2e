/** tfjs-node's native TensorFlow, WebAssembly with SIMD, plain JavaScript: the fastest first. */
export const tfjsBackendNames = ['tensorflow', 'wasm', 'cpu'] as const;
export type TfjsBackendName = (typeof tfjsBackendNames)[number];

export interface TfjsBackend {
  readonly name: TfjsBackendName;
  /** One line for people: which backend computes, and how to get the native one where it does not. */
  readonly notice: string;
}
