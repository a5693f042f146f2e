import { describe, expect, it } from 'vitest';
import { ActionScaler } from './action-scaler.ts';
import type { Actor } from './actor.ts';
import { ActorPolicy } from './actor-policy.ts';

describe('ActorPolicy', () => {
  const resets: (readonly number[])[] = [];
  const actor: Actor = {
    act: (observations, out) => out.set(observations.map((x) => x / 2)),
    reset: (rows) => void resets.push(rows),
    memory: { exportState: () => ({}), importState: () => undefined },
  };
  const policy = new ActorPolicy(actor, new ActionScaler([0], [4]));

  it('scales what the actor plays, for any number of rows', () => {
    expect([...policy.act(Float32Array.of(1), 1)]).toEqual([3]);
    expect([...policy.act(Float32Array.of(-2, 0, 2), 3)]).toEqual([0, 2, 4]);
    expect([...policy.act(Float32Array.of(0), 1)]).toEqual([2]);
  });

  it('hands on where episodes start, and what the actor remembers', () => {
    policy.reset([0, 2]);
    expect(resets).toEqual([[0, 2]]);
    expect(policy.memory).toBe(actor.memory);
  });
});
