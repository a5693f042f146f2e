import { GymwireError, type SessionDescription } from '@gymwire/protocol';

/**
 * Where no step resets anything, whoever gives a seed for that believes something else.
 * @throws GymwireError INVALID_ARGUMENT
 */
export function expectAutoreset({ autoresetMode, numEnvs }: SessionDescription): void {
  if (numEnvs !== undefined && autoresetMode !== 'disabled') return;
  const which = numEnvs === undefined ? 'a single session' : 'the autoreset mode disabled';
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `step: next_seeds: a session that resets by itself has them, not ${which}: seed its resets`,
  );
}
