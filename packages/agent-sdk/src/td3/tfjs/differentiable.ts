import {
  concat,
  customGrad,
  fill,
  type GradSaveFunc,
  matMul,
  mean,
  mul,
  neg,
  relu,
  type Scalar,
  slice,
  squaredDifference,
  step,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tanh,
  add as tensorAdd,
  transpose,
} from '@tensorflow/tfjs-core';

/*
 * The operations that TD3 differentiates, each with its derivative. tfjs-core's build for Node registers no
 * derivatives of its own (the union package @tensorflow/tfjs does, at six times the size), and tfjs's
 * derivative of matMul multiplies by transposed operands, for which its wasm backend has only a slow loop.
 */

interface Differentiable<T extends Tensor> {
  readonly value: T;
  /** Takes the loss's derivative by `value` to its derivatives by the inputs, in their order. */
  readonly gradFunc: (dy: T, saved: Tensor[]) => Tensor[];
}

/** tfjs passes the inputs and `save` as one untyped list; this is the one place that tells them apart. */
function differentiable<Inputs extends readonly Tensor[], T extends Tensor>(
  operation: (save: GradSaveFunc, ...inputs: Inputs) => Differentiable<T>,
): (...inputs: Inputs) => T {
  const wrapped = customGrad<T>((...inputsAndSave) => {
    const inputs = inputsAndSave.slice(0, -1) as readonly Tensor[] as Inputs;
    return operation(inputsAndSave.at(-1) as GradSaveFunc, ...inputs);
  });
  return (...inputs) => wrapped(...inputs);
}

export type Activation = 'relu' | 'tanh' | 'none';

function activate(x: Tensor2D, activation: Activation): Tensor2D {
  if (activation === 'none') return x;
  return activation === 'relu' ? relu(x) : tanh(x);
}

/** The derivative by the activation's input, from the one by its output y. */
function activationGradient(dy: Tensor2D, y: Tensor2D, activation: Activation): Tensor2D {
  if (activation === 'none') return dy;
  return mul<Tensor2D>(dy, activation === 'relu' ? step(y) : sub(1, mul(y, y)));
}

/** activation(x·W + b): x [n, inputs], W [inputs, outputs], b [outputs]. */
export function dense(x: Tensor2D, weight: Tensor2D, bias: Tensor1D, activation: Activation): Tensor2D {
  return differentiable((save, x: Tensor2D, weight: Tensor2D, bias: Tensor1D) => {
    const y = activate(tensorAdd<Tensor2D>(matMul<Tensor2D>(x, weight), bias), activation);
    save([x, weight, y]);
    return {
      value: y,
      gradFunc: (dy: Tensor2D, saved) => {
        const [x, weight, y] = saved as [Tensor2D, Tensor2D, Tensor2D];
        const dz = activationGradient(dy, y, activation);
        return [matMul(dz, transpose(weight)), matMul(transpose(x), dz), sum(dz, 0)];
      },
    };
  })(x, weight, bias);
}

/** [n, a] and [n, b] side by side: [n, a + b]. */
export const joinColumns = differentiable((_save, left: Tensor2D, right: Tensor2D) => {
  const width = left.shape[1];
  return {
    value: concat([left, right], 1),
    gradFunc: (dy: Tensor2D) => [slice(dy, [0, 0], [-1, width]), slice(dy, [0, width])],
  };
});

/** The mean of (x − y)² over all elements; y is a constant. */
export function meanSquaredError(x: Tensor2D, y: Tensor2D): Scalar {
  return differentiable((save, x: Tensor2D) => {
    save([x, y]);
    return {
      value: mean<Scalar>(squaredDifference(x, y)),
      gradFunc: (dy: Scalar, saved) => {
        const [x, y] = saved as [Tensor2D, Tensor2D];
        return [mul(sub(x, y), mul(dy, 2 / x.size))];
      },
    };
  })(x);
}

/** The mean of −x over all elements. */
export const negatedMean = differentiable((_save, x: Tensor2D) => {
  const { shape, size } = x;
  return { value: neg(mean<Scalar>(x)), gradFunc: (dy: Scalar) => [mul(dy, fill(shape, -1 / size))] };
});

/** x + y. */
export const addLosses = differentiable((_save, x: Scalar, y: Scalar) => ({
  value: tensorAdd<Scalar>(x, y),
  gradFunc: (dy: Scalar) => [dy.clone(), dy.clone()],
}));
