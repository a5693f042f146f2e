// #region own
import type { TrainCallback } from '@gymwire/agent-sdk/callbacks';

/** The worst training episode so far, as a metric of its own. */
export function worstEpisode(): TrainCallback {
  let worst: number | null = null;
  return {
    name: 'worstEpisode',
    onEpisode(_, episode) {
      worst = Math.min(worst ?? Infinity, episode.return);
    },
    onTraining(context) {
      context.addMetrics({ worst_return: worst });
    },
    state: () => worst,
    restore(state) {
      worst = state === null ? null : Number(state);
    },
  };
}
// #endregion
