/** Playing a VectorEnv by a fixed scheme of actions, and writing down what came. */
import type { VectorEnv } from '@gymwire/agent-sdk/parts';
import {
  type BoxSpace,
  elementCount,
  isTensor,
  type Space,
  type Value,
  type VectorStepResult,
} from '@gymwire/protocol';

export function boxOf(space: Space): BoxSpace {
  if (space.type !== 'box') throw new Error(`expected a Box, got a ${space.type} space`);
  return space;
}

/** Within bounds, another for every environment and time, and the same in every run. */
export function actionsAt(env: VectorEnv, time: number): Float32Array {
  const { low, high } = boxOf(env.actionSpace);
  const size = elementCount(low.shape);
  return Float32Array.from({ length: env.numEnvs * size }, (_, i) => {
    const share = 0.5 + 0.5 * Math.sin(1 + 2 * time + 5 * i);
    const k = i % size;
    return Number(low.data[k]) + share * (Number(high.data[k]) - Number(low.data[k]));
  });
}

export function rowsOf(batch: Value, count: number): number[][] {
  if (!isTensor(batch)) throw new Error('expected a tensor');
  const size = batch.data.length / count;
  const numbers = [...batch.data].map(Number);
  return Array.from({ length: count }, (_, i) => numbers.slice(i * size, (i + 1) * size));
}

/** A reset with seed 11 and some steps. */
export async function playSteps(env: VectorEnv, count: number) {
  const { observation } = await env.reset({ seed: 11 });
  const steps = [
    {
      observations: rowsOf(observation, env.numEnvs),
      rewards: [] as number[],
      truncated: [] as readonly boolean[],
    },
  ];
  for (let t = 0; t < count; t++) {
    const step = await env.step(actionsAt(env, t));
    const { rewards, truncated } = step;
    steps.push({ observations: rowsOf(step.observation, env.numEnvs), rewards: [...rewards], truncated });
  }
  return steps;
}

/** Plays and returns of each environment the observations and rewards of its episodes, whatever the mode says in between. */
export async function playEpisodes(env: VectorEnv, count: number): Promise<string[][]> {
  const { observation } = await env.reset({ seed: 21 });
  const episodes = rowsOf(observation, env.numEnvs).map((row) => [[String(row)]]);
  const awaitsReset = episodes.map(() => false);
  while (episodes.some((own) => own.length <= count)) {
    // Actions depend on the episode and its step alone, not on the steps that resets take.
    const actions = new Float32Array(env.numEnvs);
    for (const [i, own] of episodes.entries()) {
      actions[i] = actionsAt(env, 10 * own.length + (own.at(-1)?.length ?? 0))[i] ?? 0;
    }
    const step = await env.step(actions);
    await takeStep(env, step, episodes, awaitsReset);
  }
  return episodes.map((own) => own.slice(0, count).map((episode) => episode.join(' ')));
}

async function takeStep(
  env: VectorEnv,
  step: VectorStepResult,
  episodes: string[][][],
  awaitsReset: boolean[],
): Promise<void> {
  const rows = rowsOf(step.observation, env.numEnvs);
  const ended = step.truncated.map((truncated, i) => truncated || step.terminated[i] === true);
  for (const [i, own] of episodes.entries()) {
    const row = String(rows[i]);
    if (awaitsReset[i]) {
      own.push([row]);
      awaitsReset[i] = false;
      continue;
    }
    const place = step.final?.envIndices.indexOf(i) ?? -1;
    const last =
      place < 0
        ? row
        : String(rowsOf(step.final?.observation ?? null, step.final?.envIndices.length ?? 0)[place]);
    own.at(-1)?.push(`${step.rewards[i]} ${last}`);
    if (place >= 0) own.push([row]);
    awaitsReset[i] = ended[i] === true && env.autoresetMode === 'next-step';
  }
  if (env.autoresetMode !== 'disabled' || !ended.includes(true)) return;
  const reset = rowsOf((await env.reset({ mask: ended })).observation, env.numEnvs);
  for (const [i, own] of episodes.entries()) {
    if (ended[i]) own.push([String(reset[i])]);
  }
}
