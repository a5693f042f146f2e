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

/**
 * Adam (Kingma and Ba, 2015) as PyTorch computes it, epsilon after the bias-corrected root:
 * p ← p − lr/(1−β1ᵗ) · m / (√v/√(1−β2ᵗ) + ε), here with numerator and denominator times √(1−β2ᵗ).
 * @param schedule name of the input that `adamSchedule` fills
 */
export function adam(before: AdamStep, gradient: readonly TensorExpr[], schedule: string): AdamStep {
  const scalars = input(schedule, [2]);
  const stepSize = slice(scalars, 0, 0, 1);
  const correctedEpsilon = slice(scalars, 0, 1, 2);
  const firstMoment = gradient.map((g, i) =>
    add(mul(before.firstMoment[i] as TensorExpr, constant(beta1)), mul(g, constant(1 - beta1))),
  );
  const secondMoment = gradient.map((g, i) =>
    add(mul(before.secondMoment[i] as TensorExpr, constant(beta2)), mul(square(g), constant(1 - beta2))),
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
