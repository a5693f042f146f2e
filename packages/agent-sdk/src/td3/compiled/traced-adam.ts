import {
  add,
  constant,
  div,
  input,
  mul,
  slice,
  sqrt,
  square,
  sub,
  type TensorExpr,
} from '@gymwire/onnx-graph';

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

export interface AdamStep {
  readonly parameters: TensorExpr[];
  readonly firstMoment: TensorExpr[];
  readonly secondMoment: TensorExpr[];
}

/** The loss whose gradient `adam` takes: with this factor in front of it, the first moment needs one pass less. */
export function scaledForAdam(loss: TensorExpr): TensorExpr {
  return mul(loss, constant(1 - beta1));
}

/**
 * Adam (Kingma and Ba, 2015) as PyTorch computes it, epsilon after the bias-corrected root:
 * p ← p − lr/(1−β1ᵗ) · m / (√v/√(1−β2ᵗ) + ε), here with numerator and denominator times √(1−β2ᵗ).
 * @param gradient of a loss that went through `scaledForAdam`: (1−β1)·g
 * @param schedule name of the input that `adamSchedule` fills
 */
export function adam(before: AdamStep, gradient: readonly TensorExpr[], schedule: string): AdamStep {
  const scalars = input(schedule, [1, 2]);
  const stepSize = slice(scalars, 1, 0, 1);
  const correctedEpsilon = slice(scalars, 1, 1, 2);
  // m ← β1·m + (1−β1)·g
  const firstMoment = before.firstMoment.map((m, i) =>
    add(mul(m, constant(beta1)), gradient[i] as TensorExpr),
  );
  // v ← β2·v + (1−β2)·g²
  const squareFactor = constant((1 - beta2) / (1 - beta1) ** 2);
  const secondMoment = before.secondMoment.map((v, i) =>
    add(mul(v, constant(beta2)), mul(square(gradient[i] as TensorExpr), squareFactor)),
  );
  const parameters = before.parameters.map((p, i) => {
    const root = add(sqrt(secondMoment[i] as TensorExpr), correctedEpsilon);
    return sub(p, mul(div(firstMoment[i] as TensorExpr, root), stepSize));
  });
  return { parameters, firstMoment, secondMoment };
}

/** [step size, epsilon] of update number `step` (from 1), bias corrections included. */
export function adamSchedule(learningRate: number, step: number): [number, number] {
  const rootCorrection = Math.sqrt(1 - beta2 ** step);
  return [(learningRate * rootCorrection) / (1 - beta1 ** step), epsilon * rootCorrection];
}
