/** Where an environment stands in its episode, and what follows from that. */
import type { AutoresetMode } from '@gymwire/protocol';

export type Phase =
  /** No reset yet. */
  | 'new'
  | 'running'
  /** The episode ended; only a reset may follow. */
  | 'ended'
  /** The simulator failed in mid-episode; only a reset may follow. */
  | 'failed';

/** next-step autoreset: the coming step only resets. */
export function ignoresAction(phase: Phase, mode: AutoresetMode): boolean {
  return phase === 'ended' && mode === 'next-step';
}

/** Why a step is not possible now; undefined when it is. */
export function obstacle(phase: Phase, mode: AutoresetMode): string | undefined {
  switch (phase) {
    case 'new':
      return 'has not been reset yet';
    case 'failed':
      return 'failed; reset it first';
    case 'ended':
      return ignoresAction(phase, mode) ? undefined : 'has ended its episode; reset it first';
    case 'running':
      return undefined;
  }
}
