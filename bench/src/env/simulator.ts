/** What is below a session: the bare environment. */
import { createRandomGenerator, type EnvRegistration, ResolvedArguments } from '@gymwire/env-server';
import { float32, isTensor, type Space, Tuple, type Value } from '@gymwire/protocol';
import { benchRegistry } from './served-envs.ts';

export interface Simulator {
  readonly actionSpace: Space;
  /** `Env.step` without a session around it, and a reset when an episode has terminated. */
  readonly step: (action: Float32Array) => Promise<void>;
}

export async function createSimulator(envId: string): Promise<Simulator> {
  const registration = benchRegistry().find(envId);
  const env = await registration.make(defaultsOf(registration));
  const random = createRandomGenerator(0);
  await env.reset({ random });
  const step = async (action: Float32Array) => {
    const { terminated } = await env.step(float32(action));
    if (terminated) await env.reset({ random });
  };
  return { actionSpace: env.actionSpace, step };
}

function defaultsOf({ arguments: specs = [] }: EnvRegistration): ResolvedArguments {
  return new ResolvedArguments(new Map(specs.map(({ name, defaultValue }) => [name, plain(defaultValue)])));
}

function plain(value: Value): boolean | number | string | readonly number[] {
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'string':
      return value;
    case 'bigint':
      return Number(value);
    default:
      if (value instanceof Tuple) return value.items.map(Number);
      throw new Error(`expected a plain argument, got ${isTensor(value) ? 'a tensor' : typeof value}`);
  }
}
