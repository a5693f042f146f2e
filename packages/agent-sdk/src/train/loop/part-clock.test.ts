import { expect, it } from 'vitest';
import { PartClock } from './part-clock.ts';

/** A clock whose time passes by calls. */
function clocked() {
  let now = 1000;
  const clock = new PartClock({ envSteps: 10, gradientSteps: 4 }, () => now);
  const pass = (ms: number) => async () => void (now += ms);
  return { clock, pass };
}

const sumOfParts = (timing: ReturnType<PartClock['take']>) =>
  timing.environmentSeconds +
  timing.wireSeconds +
  timing.learnerSeconds +
  timing.evaluationSeconds +
  timing.savingSeconds +
  timing.otherSeconds;

it('gives each moment to one part, so that they add up', async () => {
  const { clock, pass } = clocked();
  await clock.time('environment', pass(100));
  await clock.time('learner', pass(300));
  await clock.time('evaluation', pass(50));
  await clock.time('saving', pass(20));
  await pass(30)();
  const timing = clock.take({ envSteps: 20, gradientSteps: 9 }, 40);
  expect(timing).toEqual({
    seconds: 0.5,
    envStepsPerSecond: 20,
    gradientStepsPerSecond: 10,
    environmentSeconds: 0.06,
    wireSeconds: 0.04,
    learnerSeconds: 0.3,
    evaluationSeconds: 0.05,
    savingSeconds: 0.02,
    otherSeconds: 0.03,
    overlapSeconds: 0,
  });
  expect(sumOfParts(timing)).toBeCloseTo(timing.seconds, 12);
});

it('of environments and learner at the same time, gives the slower one what it takes longer', async () => {
  const { clock, pass } = clocked();
  const stepping = clock.time('environment', async () => {
    await clock.time('learner', pass(200));
    await pass(100)();
  });
  await stepping;
  expect(clock.take({ envSteps: 11, gradientSteps: 5 }, 0)).toMatchObject({
    seconds: 0.3,
    learnerSeconds: 0.2,
    environmentSeconds: 0.1,
    overlapSeconds: 0.2,
    otherSeconds: 0,
  });
});

it('takes the wire’s time from the learner where the environments have none of their own', async () => {
  const { clock, pass } = clocked();
  await clock.time('learner', pass(200));
  expect(clock.take({ envSteps: 11, gradientSteps: 5 }, 50)).toMatchObject({
    wireSeconds: 0.05,
    learnerSeconds: 0.15,
  });
  // A session that was lost has taken its count with it.
  await clock.time('environment', pass(10));
  expect(clock.take({ envSteps: 11, gradientSteps: 5 }, 0)).toMatchObject({
    seconds: 0.01,
    wireSeconds: 0,
    environmentSeconds: 0.01,
    envStepsPerSecond: 0,
  });
});

it('counts what failed as well', async () => {
  const { clock, pass } = clocked();
  const failing = clock.time('environment', async () => {
    await pass(100)();
    throw new Error('gone');
  });
  await expect(failing).rejects.toThrow('gone');
  await pass(10)();
  expect(clock.take({ envSteps: 10, gradientSteps: 4 }, 0)).toMatchObject({
    environmentSeconds: 0.1,
    otherSeconds: 0.01,
  });
});
