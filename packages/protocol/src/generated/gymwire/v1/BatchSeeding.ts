// Original file: proto/gymwire/v1/env_service.proto

/**
 * What becomes of the seeds of a reset.
 */
export const BatchSeeding = {
  /**
   * Not known before one was made.
   */
  BATCH_SEEDING_UNSPECIFIED: 'BATCH_SEEDING_UNSPECIFIED',
  /**
   * Each environment gets its own.
   */
  BATCH_SEEDING_RESET: 'BATCH_SEEDING_RESET',
  /**
   * The simulator is made anew with them; not together with a mask.
   */
  BATCH_SEEDING_MAKE: 'BATCH_SEEDING_MAKE',
  /**
   * It takes none: a reset with seeds is refused.
   */
  BATCH_SEEDING_NONE: 'BATCH_SEEDING_NONE',
} as const;

/**
 * What becomes of the seeds of a reset.
 */
export type BatchSeeding =
  /**
   * Not known before one was made.
   */
  | 'BATCH_SEEDING_UNSPECIFIED'
  | 0
  /**
   * Each environment gets its own.
   */
  | 'BATCH_SEEDING_RESET'
  | 1
  /**
   * The simulator is made anew with them; not together with a mask.
   */
  | 'BATCH_SEEDING_MAKE'
  | 2
  /**
   * It takes none: a reset with seeds is refused.
   */
  | 'BATCH_SEEDING_NONE'
  | 3

/**
 * What becomes of the seeds of a reset.
 */
export type BatchSeeding__Output = typeof BatchSeeding[keyof typeof BatchSeeding]
