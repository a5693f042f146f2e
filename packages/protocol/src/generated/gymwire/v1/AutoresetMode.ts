// Original file: proto/gymwire/v1/env_service.proto

/**
 * When a vector session resets an environment whose episode ended; Gymnasium's AutoresetMode.
 */
export const AutoresetMode = {
  /**
   * For a vector session: NEXT_STEP, Gymnasium's own default, or a batch simulator's own. A single session never resets by
   * itself.
   */
  AUTORESET_MODE_UNSPECIFIED: 'AUTORESET_MODE_UNSPECIFIED',
  AUTORESET_MODE_DISABLED: 'AUTORESET_MODE_DISABLED',
  /**
   * The step after the end ignores its action and returns the reset observation with reward 0.
   */
  AUTORESET_MODE_NEXT_STEP: 'AUTORESET_MODE_NEXT_STEP',
  /**
   * The ending step returns the reset observation, and the last one in `final_observation`.
   */
  AUTORESET_MODE_SAME_STEP: 'AUTORESET_MODE_SAME_STEP',
} as const;

/**
 * When a vector session resets an environment whose episode ended; Gymnasium's AutoresetMode.
 */
export type AutoresetMode =
  /**
   * For a vector session: NEXT_STEP, Gymnasium's own default, or a batch simulator's own. A single session never resets by
   * itself.
   */
  | 'AUTORESET_MODE_UNSPECIFIED'
  | 0
  | 'AUTORESET_MODE_DISABLED'
  | 1
  /**
   * The step after the end ignores its action and returns the reset observation with reward 0.
   */
  | 'AUTORESET_MODE_NEXT_STEP'
  | 2
  /**
   * The ending step returns the reset observation, and the last one in `final_observation`.
   */
  | 'AUTORESET_MODE_SAME_STEP'
  | 3

/**
 * When a vector session resets an environment whose episode ended; Gymnasium's AutoresetMode.
 */
export type AutoresetMode__Output = typeof AutoresetMode[keyof typeof AutoresetMode]
