/** Plays an environment by a fixed scheme, and writes down every bit of what comes; in a page and in Node. */
import { createRandomGenerator, type Env } from '@gymwire/env';
import { type BoxSpace, float32, isTensor } from '@gymwire/protocol';

const hex = (view: ArrayBufferView): string =>
  Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

/** One line a step: the observation's bytes and the reward's. */
export async function playSteps(env: Env, steps: number): Promise<string[]> {
  const { low, high } = env.actionSpace as BoxSpace;
  const actions = createRandomGenerator(11);
  const { observation } = await env.reset({ random: createRandomGenerator(7), seed: 7 });
  const lines = [isTensor(observation) ? hex(observation.data) : 'no array'];
  for (let i = 0; i < steps; i++) {
    const action = Array.from({ length: low.data.length }, (_, k) =>
      actions.uniform(Number(low.data[k]), Number(high.data[k])),
    );
    const step = await env.step(float32(action));
    const seen = isTensor(step.observation) ? hex(step.observation.data) : 'no array';
    lines.push(`${seen} ${hex(Float64Array.of(step.reward))}`);
  }
  return lines;
}
