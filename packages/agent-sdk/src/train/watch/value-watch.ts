import type { LearnerMetrics } from '../../td3/learner.ts';

/** Estimates may overshoot; by so much they are no estimates any more. */
const overshoot = 2;
/** Networks that have learnt nothing yet are this far from zero, however small the rewards are. */
const atRest = 1;

/**
 * Finds out whether critics believe in returns that no rewards can come to: of rewards up to r, discounted by gamma, none is
 * beyond r / (1 − gamma).
 * @param largestReward largest absolute reward in the replay
 * @returns what is wrong, for people; undefined: nothing
 */
export function findExplodedValues(
  { meanQ, meanTarget }: LearnerMetrics,
  largestReward: number,
  gamma: number,
): string | undefined {
  const bound = largestReward / (1 - gamma);
  const limit = overshoot * bound + atRest;
  for (const [name, value] of Object.entries({ 'mean Q': meanQ, 'mean target': meanTarget })) {
    if (!(Math.abs(value) > limit)) continue;
    return (
      `the critics have exploded: ${name} is ${value.toPrecision(3)}, while rewards up to ${largestReward.toPrecision(3)} ` +
      `with gamma ${gamma} add up to ${bound.toPrecision(3)} at most; try a lower learning rate or smaller rewards`
    );
  }
  return undefined;
}
