/** The simulation beside a real training over real servers, whose environments sleep as long as a step and the network would take. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectFleet, train } from '@gymwire/agent-sdk';
import { sleepEnvId } from '../train/bench-envs.ts';
import { simulateFleet, type TrainerCosts } from './fleet-model.ts';

/** One environment a host: those of a server sleep at the same time, as no simulator does. */
export interface RealFleet {
  readonly hosts: number;
  /** A step of an environment, and the way there and back. */
  readonly sleepMs: number;
  /** With `hosts` a whole number, so that steps are alike. */
  readonly updatesPerTransition: number;
}

/** ms of a step of all. */
export interface Comparison extends RealFleet {
  /** The tenth of the steps that others on this machine disturbed least are faster. */
  readonly realMs: number;
  readonly medianMs: number;
  readonly simulatedMs: number;
}

/** Before updates begin. */
const learningStarts = 256;
/** In which V8 compiles. */
const firstSteps = 20;

/** @param steps of all environments that are timed */
export async function compareFleet(
  costs: TrainerCosts,
  fleet: RealFleet,
  steps: number,
): Promise<Comparison> {
  const { hosts, sleepMs, updatesPerTransition } = fleet;
  const { transitionsPerSecond } = simulateFleet(
    costs,
    { hosts, envsPerHost: 1, stepMs: sleepMs, spread: 0, delayMs: 0, updatesPerTransition, mode: 'strict' },
    600_000,
  );
  const sorted = (await timeSteps(fleet, steps)).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return { ...fleet, realMs: at(0.1), medianMs: at(0.5), simulatedMs: (hosts * 1e3) / transitionsPerSecond };
}

/** Returns the ms of each step of a training. */
async function timeSteps(
  { hosts, sleepMs, updatesPerTransition }: RealFleet,
  steps: number,
): Promise<number[]> {
  const child = fork(fileURLToPath(new URL('./fleet-servers.js', import.meta.url)), [String(hosts)]);
  const [addresses] = (await once(child, 'message')) as [string[]];
  const connection = await connectFleet(addresses);
  const from = learningStarts + firstSteps * hosts;
  const times: number[] = [];
  let last = 0;
  try {
    await train({
      connection,
      learner: 'compiled',
      options: {
        envId: sleepEnvId,
        envArguments: { sleep_ms: sleepMs },
        numEnvs: hosts,
        gradientStepsPerTransition: updatesPerTransition,
        totalEnvSteps: from + steps * hosts,
        learningStarts,
        evaluationInterval: 1_000_000_000,
        evaluationEpisodes: 1,
        maxEpisodeSteps: 20,
      },
      onProgress(event) {
        if (event.type !== 'step') return;
        const now = performance.now();
        if (event.envSteps > from) times.push(now - last);
        last = now;
      },
    });
  } finally {
    connection.close();
    child.disconnect();
  }
  return times;
}
