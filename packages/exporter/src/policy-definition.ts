import type { LinearLayer, ObservationNormalizer } from './policy-snapshot.ts';

/** The function that a policy file computes, and nothing about where it came from. */
export interface PolicyDefinition {
  readonly layers: readonly LinearLayer[];
  readonly normalizer?: ObservationNormalizer;
  /** [actionSize] */
  readonly actionLow: Float32Array;
  /** [actionSize] */
  readonly actionHigh: Float32Array;
}

export function observationSizeOf(definition: PolicyDefinition): number {
  return definition.layers[0]?.inputs ?? 0;
}

export function actionSizeOf(definition: PolicyDefinition): number {
  return definition.actionLow.length;
}
