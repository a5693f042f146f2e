/** Steps of a fleet without a learner: how long they take, and what the trainer's side of them costs. */
import { connectFleet, type FleetOptions } from '@gymwire/agent-sdk';
import type { VectorStep } from '@gymwire/agent-sdk/parts';
import { median } from '../support/statistics.ts';
import { halfCheetah } from '../train/bench-envs.ts';

export interface StepTimes {
  /** Seconds of each vector step. */
  readonly seconds: readonly number[];
  /** CPU time of this process a vector step. */
  readonly cpuSeconds: number;
  /** Transitions that came. */
  readonly transitions: number;
  /** Environments that lost their episodes. */
  readonly lost: number;
}

export interface FleetRequest {
  readonly addresses: readonly string[];
  readonly envId: string;
  readonly numEnvs: number;
  readonly sleepMs: number;
  readonly options?: FleetOptions;
}

/** A fleet that is stepped a while, again and again: variants take turns, so that what else goes on disturbs all of them alike. */
export interface SteppedFleet {
  /** @param before told before each step */
  step(steps: number, before?: (step: number) => void): Promise<void>;
  times(): StepTimes;
  close(): Promise<void>;
}

export async function openFleet(request: FleetRequest): Promise<SteppedFleet> {
  const { addresses, envId, numEnvs, sleepMs, options = {} } = request;
  const fleet = await connectFleet(addresses, options);
  const env = await fleet.makeVector(envId, {
    numEnvs,
    autoresetMode: 'same-step',
    arguments: { sleep_ms: sleepMs },
  });
  await env.reset({ seed: 0 });
  const actions = new Float32Array(numEnvs * halfCheetah.actionSize);
  for (let warmUp = 0; warmUp < 5; warmUp++) await env.step(actions);
  const seconds: number[] = [];
  let [transitions, lost, cpuSeconds] = [0, 0, 0];
  const stepOnce = async () => {
    const start = performance.now();
    const { lost: gone = [], absent = [] }: VectorStep = await env.step(actions);
    seconds.push((performance.now() - start) / 1e3);
    transitions += numEnvs - gone.length - absent.length;
    lost += gone.length;
    if (gone.length === 0) return;
    const mask = Array.from({ length: numEnvs }, (_, i) => gone.includes(i));
    await env.reset({ seeds: mask.map((_, i) => i), mask });
  };
  return {
    async step(steps, before = () => undefined) {
      const cpu = process.cpuUsage();
      for (let step = 0; step < steps; step++) {
        before(step);
        await stepOnce();
      }
      const { user, system } = process.cpuUsage(cpu);
      cpuSeconds += (user + system) / 1e6;
    },
    times: () => ({ seconds, cpuSeconds: cpuSeconds / seconds.length, transitions, lost }),
    async close() {
      await env.close();
      fleet.close();
    },
  };
}

export function stepsPerSecond({ seconds, transitions }: StepTimes): number {
  return transitions / seconds.reduce((sum, x) => sum + x, 0);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export { median };
