import { describe, expect, it } from 'vitest';
import { ActionScaler } from '../../policy/action-scaler.ts';
import type { Actor } from '../../policy/actor.ts';
import { IdentityEnv } from '../../testing/fake-envs.ts';
import { FakeVectorEnv } from '../../testing/fake-vector-env.ts';
import { StepCountingPolicy } from '../../testing/step-counting-policy.ts';
import { evaluateActor } from './evaluate-actor.ts';

/** Critics that believe in nothing. */
const zero = [{ inputs: 2, outputs: 1, weight: new Float32Array(2), bias: new Float32Array(1) }];
const noCritics = { critics: [zero, zero], normalizer: undefined, gamma: 0.99 } as const;

/** An actor with state a row. */
function countingActor(): Actor {
  const policy = new StepCountingPolicy();
  return {
    act: (observations, out) => out.set(policy.act(observations, out.length)),
    reset: (rows) => policy.reset(rows),
    memory: policy.memory,
  };
}

/** Plays two rows for two steps, with something between these, and returns the last actions. */
async function play(between: (actor: Actor) => Promise<void>): Promise<Float32Array> {
  const actor = countingActor();
  const actions = new Float32Array(2);
  actor.reset([0, 1]);
  actor.act(Float32Array.of(0.1, 0.2), actions);
  await between(actor);
  actor.reset([1]);
  actor.act(Float32Array.of(0.3, 0.4), actions);
  return actions;
}

describe('evaluateActor', () => {
  it('leaves the episodes of training as they were, where the actor remembers them', async () => {
    const actions = await play(async (actor) => {
      const env = new FakeVectorEnv({ make: () => new IdentityEnv(5), observationSize: 1, numEnvs: 3 });
      const { result } = await evaluateActor(actor, noCritics, new ActionScaler([-1], [1]), {
        env,
        episodes: 4,
        seed: 1,
      });
      expect(result.lengths).toEqual([5, 5, 5, 5]);
    });
    expect(actions).toEqual(await play(async () => {}));
    // Second and first step of their episodes.
    expect([...actions]).toEqual([Math.fround(0.15 + 0.25), Math.fround(0.2 + 0.5)]);
  });
});
