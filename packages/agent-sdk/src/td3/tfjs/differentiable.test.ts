import {
  type Rank,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor,
  tidy,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandomStream } from '../../random/random-stream.ts';
import { loadTfjsBackend } from './backend.ts';
import {
  type Activation,
  addLosses,
  dense,
  joinColumns,
  meanSquaredError,
  negatedMean,
} from './differentiable.ts';

const stream = createRandomStream(0, 'gradients');

function draw(...shape: number[]): number[][] | number[] {
  const row = () => Array.from({ length: shape.at(-1) ?? 1 }, () => stream.standardNormal());
  return shape.length === 1 ? row() : Array.from({ length: shape[0] ?? 1 }, row);
}

/** Compares each derivative with a central difference. */
function expectDerivatives(loss: (...inputs: Tensor[]) => Tensor, values: (number[][] | number[])[]): void {
  const step = 1e-2;
  tidy(() => {
    const inputs = values.map((value) => tensor(value));
    const { grads } = valueAndGrads(loss)(inputs);
    grads.forEach((grad, k) => {
      expect(grad.shape).toEqual(inputs[k]?.shape);
      const found = grad.dataSync();
      found.forEach((derivative, i) => {
        const at = (shift: number) => {
          const moved = inputs.map((input) => tensor(input.dataSync().slice(), input.shape));
          const data = inputs[k].dataSync().slice();
          data[i] = data[i] + shift;
          moved[k] = tensor(data, inputs[k].shape);
          return loss(...moved).dataSync()[0];
        };
        expect(Math.abs(derivative - (at(step) - at(-step)) / (2 * step))).toBeLessThan(2e-3);
      });
    });
  });
}

beforeAll(async () => {
  await loadTfjsBackend('cpu');
});

describe('differentiable operations', () => {
  it.each<Activation>(['none', 'tanh'])('dense with %s', (activation) => {
    const loss = (x: Tensor, w: Tensor, b: Tensor) =>
      negatedMean(dense(x as Tensor2D, w as Tensor2D, b as Tensor1D, activation));
    expectDerivatives(loss, [draw(4, 3), draw(3, 2), draw(2)]);
  });

  it('dense with relu, on both sides of zero', () => {
    const loss = (x: Tensor, w: Tensor, b: Tensor) =>
      negatedMean(dense(x as Tensor2D, w as Tensor2D, b as Tensor1D, 'relu'));
    // Pre-activations 2.5, −3.5, −1.5 and 4.5: no step of the difference crosses zero.
    const inputs = [
      [
        [1, 2],
        [-1, 1],
      ],
      [
        [2, -1],
        [0, -1],
      ],
      [0.5, -0.5],
    ];
    expectDerivatives(loss, inputs);
  });

  it('joinColumns, meanSquaredError, negatedMean and addLosses', () => {
    const goal = tensor<Rank.R2>(draw(4, 5));
    const loss = (left: Tensor, right: Tensor) => {
      const joined = joinColumns(left as Tensor2D, right as Tensor2D);
      expect(joined.shape).toEqual([4, 5]);
      return addLosses(meanSquaredError(joined, goal), negatedMean(joined));
    };
    expectDerivatives(loss, [draw(4, 2), draw(4, 3)]);
    goal.dispose();
  });
});
