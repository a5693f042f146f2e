/** What each training episode began with, as the trainer is told, and what it should have begun with. */

import type { EnvConnection, TrainOptions } from '@gymwire/agent-sdk';
import { createEpisodeSeed, type MakeEnv, remoteEnvs, type VectorEnv } from '@gymwire/agent-sdk/parts';
import { type AutoresetMode, isTensor, type Value } from '@gymwire/protocol';
import { makeLocalEnv } from './local-env.ts';
import { learners, type SmallTraining, trainSmall } from './small-training.ts';

/** By environment, then by episode. */
type Firsts = string[][];

const envId = 'Pendulum-v1';
const maxEpisodeSteps = 4;

function rowOf(batch: Value, i: number, numEnvs: number): string {
  if (!isTensor(batch)) throw new Error('expected a tensor');
  const size = batch.data.length / numEnvs;
  return batch.data.slice(i * size, (i + 1) * size).join();
}

/** Listens to what an environment tells, and changes nothing. */
function listen(env: VectorEnv, firsts: Firsts): void {
  const [reset, step] = [env.reset.bind(env), env.step.bind(env)];
  let ended = Array.from({ length: env.numEnvs }, () => false);
  // An environment that resets by itself and takes its seed by a reset begins the same episode twice: the second counts.
  const note = (i: number, observation: Value, isAgain: boolean) => {
    if (isAgain) firsts[i]?.pop();
    firsts[i]?.push(rowOf(observation, i, env.numEnvs));
  };
  env.reset = async (options) => {
    const result = await reset(options);
    const isAgain = options?.mask !== undefined && env.autoresetMode !== 'disabled';
    for (let i = 0; i < env.numEnvs; i++) {
      if (options?.mask?.[i] !== false) note(i, result.observation, isAgain);
    }
    return result;
  };
  env.step = async (actions, options) => {
    const result = await step(actions, options);
    const over = result.terminated.map((flag, i) => flag || result.truncated[i] === true);
    const begun = { disabled: [], 'next-step': ended, 'same-step': over }[env.autoresetMode];
    for (const [i, has] of begun.entries()) if (has) note(i, result.observation, false);
    ended = over;
    return result;
  };
}

/** Trains without learning. @returns what the episodes began with, wherever the environments are */
export async function playTraining(
  where: EnvConnection | MakeEnv,
  options: { readonly numEnvs: number; readonly autoresetMode: AutoresetMode } & Partial<TrainOptions>,
  more: SmallTraining = {},
): Promise<Firsts> {
  const firsts: Firsts = Array.from({ length: options.numEnvs }, () => []);
  const make = typeof where === 'function' ? where : remoteEnvs(where);
  const makeEnv: MakeEnv = async (request) => {
    const env = await make(request);
    if (request.purpose === 'training') listen(env, firsts);
    return env;
  };
  const totalEnvSteps = 12 * options.numEnvs;
  const small = {
    envId,
    maxEpisodeSteps,
    totalEnvSteps,
    learningStarts: totalEnvSteps - 1,
    evaluationEpisodes: 1,
  };
  await trainSmall(makeEnv, { ...small, ...options }, { createLearner: learners.tfjs, ...more, makeEnv });
  return firsts;
}

/** Resets a lone environment in this process by the seed of each episode. */
export async function expectedFirsts(like: Firsts, from: readonly number[] = []): Promise<Firsts> {
  const env = await makeLocalEnv({ envId });
  const seedOf = createEpisodeSeed(0);
  const expected: Firsts = [];
  for (const [i, { length }] of like.entries()) {
    const own: string[] = [];
    for (let k = 0; k < length; k++) {
      const { observation } = await env.reset({ seeds: [seedOf(i, k + (from[i] ?? 0))] });
      own.push(rowOf(observation, 0, 1));
    }
    expected.push(own);
  }
  await env.close();
  return expected;
}
