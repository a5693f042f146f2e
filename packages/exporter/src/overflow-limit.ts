import type { PolicyDefinition } from './policy-definition.ts';

/** Half of float32's largest number: the rest is for rounding. */
const largestSum = 2 ** 127;

/**
 * The magnitude up to which no observation can overflow float32 on its way through the network, whatever its
 * direction. Beyond it, ∞ − ∞ may become NaN, which some runtimes' Relu, Max and Min turn into an innocent
 * looking action.
 */
export function overflowLimit({ layers, normalizer }: PolicyDefinition): number {
  if (normalizer !== undefined && Number.isFinite(normalizer.clip)) return Number.MAX_VALUE;
  // At every place, |value| ≤ growth · |observation| + offset.
  let growth = 1;
  let offset = 0;
  let limit = largestSum;
  const narrow = () => {
    limit = Math.min(limit, (largestSum - offset) / growth);
  };
  if (normalizer !== undefined) {
    const largestMean = largestOf(normalizer.mean);
    growth = 1 / Math.min(...normalizer.scale);
    limit = largestSum - largestMean;
    offset = growth * largestMean;
    narrow();
  }
  for (const { inputs, weight, bias } of layers) {
    let rowSum = 0;
    for (let row = 0; row < weight.length; row += inputs) {
      let sum = 0;
      for (let i = row; i < row + inputs; i++) sum += Math.abs(weight[i]);
      rowSum = Math.max(rowSum, sum);
    }
    growth *= rowSum;
    offset = rowSum * offset + largestOf(bias);
    narrow();
  }
  return Math.max(0, limit);
}

function largestOf(values: Float32Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
