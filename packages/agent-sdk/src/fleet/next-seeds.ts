import { GymwireError, optionsFault, type Seed, shown, type VectorStepOptions } from '@gymwire/protocol';

/**
 * The seeds of a step, before any host has moved.
 * @throws GymwireError INVALID_ARGUMENT for another number of them, and for an option that there is not
 */
export function checkNextSeeds(options: VectorStepOptions, numEnvs: number): readonly Seed[] | undefined {
  const { nextSeeds } = options;
  const fault = optionsFault('step', options, ['nextSeeds'], '{ nextSeeds: [1, 2] }');
  if (fault !== undefined) throw new GymwireError('INVALID_ARGUMENT', fault);
  if (nextSeeds === undefined) return undefined;
  const count: unknown = Array.isArray(nextSeeds) ? nextSeeds.length : shown(nextSeeds);
  if (count === numEnvs) {
    for (const seed of nextSeeds) checkSeed(seed);
    return nextSeeds;
  }
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `step: nextSeeds: expected ${numEnvs} seeds, got ${String(count)}`,
  );
}

function checkSeed(seed: Seed): void {
  const isSeed =
    typeof seed === 'bigint' ? seed >= 0n && seed < 2n ** 64n : Number.isSafeInteger(seed) && seed >= 0;
  if (isSeed) return;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `seed: expected an integer, 0 <= seed < 2^64, got ${shown(seed)}`,
  );
}
