import type { LinearLayer } from '../td3/network-state.ts';

/** out = W·x + b for the `layer.inputs` values of `x` from `offset` on; each sum is rounded to float32 once. */
export function applyLinear(layer: LinearLayer, x: Float32Array, offset: number, out: Float32Array): void {
  const { inputs, outputs, weight, bias } = layer;
  const inFours = outputs - (outputs % 4);
  // Four outputs at once: they share each load of x, and none waits for another's addition.
  for (let o = 0; o < inFours; o += 4) {
    const row = o * inputs;
    let a = bias[o];
    let b = bias[o + 1];
    let c = bias[o + 2];
    let d = bias[o + 3];
    for (let i = 0; i < inputs; i++) {
      const value = x[offset + i];
      a += weight[row + i] * value;
      b += weight[row + inputs + i] * value;
      c += weight[row + 2 * inputs + i] * value;
      d += weight[row + 3 * inputs + i] * value;
    }
    out[o] = a;
    out[o + 1] = b;
    out[o + 2] = c;
    out[o + 3] = d;
  }
  for (let o = inFours; o < outputs; o++) {
    let sum = bias[o];
    for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i] * x[offset + i];
    out[o] = sum;
  }
}
