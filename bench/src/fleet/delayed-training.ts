/** A training whose environments are behind a network: what its delay costs where the learner works meanwhile. */
import { train } from '@gymwire/agent-sdk';
import { shapeEnvId } from '../train/bench-envs.ts';
import { startHosts } from './bench-hosts.ts';

const [numEnvs, learningStarts] = [32, 640];
/** Steps with one delay, the first of which, with some of the delay before, are not counted. */
const [turn, unsettled] = [13, 3];

/**
 * One training, 256-256, an update a transition, pipelined; the delays take turns, so that what else goes on disturbs all of them alike.
 * @param vectorSteps of each delay
 * @returns seconds of vector steps with their updates, by delay
 */
export async function trainBehind(
  roundTripsMs: readonly number[],
  vectorSteps: number,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const hosts = await startHosts(1, roundTripsMs[0]);
  const seconds = new Map(roundTripsMs.map((ms) => [ms, [] as number[]]));
  const stopped = new AbortController();
  const [server = ''] = hosts.addresses;
  let [last, steps] = [0, 0];
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
      const took = (now - last) / 1e3;
      last = now;
      // The first ones warm everything up.
      if (event.envSteps <= learningStarts + 10 * numEnvs) return;
      const turns = Math.floor(steps / turn);
      const roundTripMs = roundTripsMs[turns % roundTripsMs.length];
      if (steps % turn >= unsettled) seconds.get(roundTripMs)?.push(took);
      steps += 1;
      if ([...seconds.values()].every(({ length }) => length >= vectorSteps)) stopped.abort();
      const next = roundTripsMs[Math.floor(steps / turn) % roundTripsMs.length];
      if (next !== roundTripMs) hosts.ask({ kind: 'delay', host: 0, roundTripMs: next });
    },
  });
  await hosts.close();
  return seconds;
}

export const trainedEnvs = numEnvs;
