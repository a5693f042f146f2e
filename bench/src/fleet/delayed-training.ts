/** A training whose environments are behind a network: what its delay costs where the learner works meanwhile. */
import { train } from '@gymwire/agent-sdk';
import { shapeEnvId } from '../train/bench-envs.ts';
import { startHosts } from './bench-hosts.ts';

export interface DelayedTraining {
  readonly roundTripMs: number;
  /** Seconds of each vector step with its updates. */
  readonly seconds: readonly number[];
}

const [numEnvs, learningStarts] = [32, 640];

/** One update a transition, 256-256, pipelined. */
export async function trainBehind(roundTripMs: number, vectorSteps: number): Promise<DelayedTraining> {
  const hosts = await startHosts(1, roundTripMs);
  const seconds: number[] = [];
  let last: number | undefined;
  const stopped = new AbortController();
  const [server = ''] = hosts.addresses;
  await train({
    server,
    // Before its last evaluation, whose steps would wait for the network one by one.
    signal: stopped.signal,
    options: {
      envId: shapeEnvId,
      numEnvs,
      learningStarts,
      totalEnvSteps: 1e9,
      hiddenSizes: [256, 256],
      batchSize: 256,
      evaluationInterval: 1e9,
      evaluationEpisodes: 1,
      checkpointInterval: 1e9,
      bufferSize: 10_000,
    },
    onProgress(event) {
      if (event.type !== 'step') return;
      const now = performance.now();
      // The first ones warm everything up.
      if (last !== undefined && event.envSteps > learningStarts + 10 * numEnvs)
        seconds.push((now - last) / 1e3);
      last = now;
      if (seconds.length >= vectorSteps) stopped.abort();
    },
  });
  await hosts.close();
  return { roundTripMs, seconds };
}

export const trainedEnvs = numEnvs;
