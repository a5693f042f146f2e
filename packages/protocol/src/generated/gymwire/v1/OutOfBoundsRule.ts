// Original file: proto/gymwire/v1/env_service.proto

/**
 * What happens to a finite action outside the action space.
 */
export const OutOfBoundsRule = {
  /**
   * PASS.
   */
  OUT_OF_BOUNDS_RULE_UNSPECIFIED: 'OUT_OF_BOUNDS_RULE_UNSPECIFIED',
  /**
   * The simulator gets it as it is (Gymnasium's rule).
   */
  OUT_OF_BOUNDS_RULE_PASS: 'OUT_OF_BOUNDS_RULE_PASS',
  /**
   * ACTION_OUT_OF_BOUNDS, and nothing moves (for robots).
   */
  OUT_OF_BOUNDS_RULE_REJECT: 'OUT_OF_BOUNDS_RULE_REJECT',
} as const;

/**
 * What happens to a finite action outside the action space.
 */
export type OutOfBoundsRule =
  /**
   * PASS.
   */
  | 'OUT_OF_BOUNDS_RULE_UNSPECIFIED'
  | 0
  /**
   * The simulator gets it as it is (Gymnasium's rule).
   */
  | 'OUT_OF_BOUNDS_RULE_PASS'
  | 1
  /**
   * ACTION_OUT_OF_BOUNDS, and nothing moves (for robots).
   */
  | 'OUT_OF_BOUNDS_RULE_REJECT'
  | 2

/**
 * What happens to a finite action outside the action space.
 */
export type OutOfBoundsRule__Output = typeof OutOfBoundsRule[keyof typeof OutOfBoundsRule]
