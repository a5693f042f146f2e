import { expect, it } from 'vitest';
import { ActorWatch } from './actor-watch.ts';

/** What a watch says of `count` actions of two numbers. @param observe the observation at a step */
function verdictOf(act: (step: number) => number[], count = 100, observe = (step: number) => [step, 1]) {
  const watch = new ActorWatch(2);
  // Two rows at a time, as of two environments.
  for (let step = 0; step < count; step += 2) {
    const rows = [step, step + 1];
    watch.see(Float32Array.from(rows.flatMap(observe)), Float32Array.from(rows.flatMap(act)));
  }
  return watch.verdict();
}

it('a number that is exactly at one bound in every action is saturated', () => {
  expect(verdictOf(() => [1, -1])).toMatchObject({
    code: 'ACTOR_SATURATED',
    message: expect.stringContaining(
      'action[0] at its upper bound, action[1] at its lower bound (2 of 2 numbers), whatever it observes, in all 100 actions',
    ) as string,
  });
  expect(verdictOf((step) => [Math.sin(step), -1])).toMatchObject({
    message: expect.stringContaining('holds action[1] at its lower bound (1 of 2 numbers)') as string,
  });
});

it('playing both bounds, or almost one, is how many tasks are best played', () => {
  expect(verdictOf((step) => [step % 40 < 20 ? 1 : -1, step % 3 === 0 ? 1 : -1])).toBeUndefined();
  expect(verdictOf((step) => [0.999 + 1e-4 * Math.sin(step), 0.9999 - 1e-5 * (step % 2)])).toBeUndefined();
  expect(verdictOf((step) => [step === 99 ? 0.9999 : 1, step === 0 ? 0 : 1])).toBeUndefined();
});

it('one action for all observations is told, too', () => {
  expect(verdictOf(() => [0.25, -0.5])).toMatchObject({
    code: 'ACTOR_CONSTANT',
    message: expect.stringContaining('the same action [0.250, -0.500]') as string,
  });
  expect(verdictOf((step) => [0.25, Math.sin(step)])).toBeUndefined();
});

it('nothing is said of few actions, nor where the observation never changes', () => {
  expect(verdictOf(() => [1, 1], 98)).toBeUndefined();
  expect(
    verdictOf(
      () => [1, 1],
      200,
      () => [3, 4],
    ),
  ).toBeUndefined();
  expect(new ActorWatch(1).verdict()).toBeUndefined();
});
