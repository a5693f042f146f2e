/** tfjs-node's native TensorFlow, WebAssembly with SIMD, plain JavaScript: the fastest first. */
export const tfjsBackendNames = ['tensorflow', 'wasm', 'cpu'] as const;
export type TfjsBackendName = (typeof tfjsBackendNames)[number];
