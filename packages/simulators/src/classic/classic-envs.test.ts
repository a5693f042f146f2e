import { createRandomGenerator, type Env } from '@gymwire/env';
import { float32, GymwireError, type Info } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { createMountainCarContinuous } from './mountain-car-continuous.ts';
import { createPendulum } from './pendulum.ts';

const makers = {
  pendulum: () => createPendulum({ g: 10 }),
  mountainCar: () => createMountainCarContinuous({ goalVelocity: 0 }),
};

async function resetError(env: Env, options: Info): Promise<unknown> {
  try {
    await env.reset({ random: createRandomGenerator(1), options });
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('reset options', () => {
  it.each([
    ['pendulum', { x_init: 'north' }, /An option \(north\) could not be converted to a float/],
    ['pendulum', { y_init: null }, /An option \(None\) could not be converted to a float/],
    ['pendulum', { x_init: -1 }, /high - low < 0/],
    ['mountainCar', { low: 1, high: 0 }, /Lower bound \(1\) must be lower than higher bound \(0\)/],
    ['mountainCar', { low: [1, 2] }, /could not be converted to a float/],
  ] as const)('%s refuses %j with Gymnasium’s message', async (name, options, message) => {
    const error = await resetError(makers[name](), options);
    expect(error).toBeInstanceOf(GymwireError);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) });
  });

  it('takes what Python’s float() takes', async () => {
    for (const low of [-0.5, '-0.5', ' -5e-1 ', float32([-0.5])]) {
      const value = typeof low === 'object' ? { ...low, shape: [] } : low;
      const { observation } = await makers.mountainCar().reset({
        random: createRandomGenerator(1),
        options: { low: value, high: value },
      });
      expect(observation).toEqual(float32([-0.5, 0]));
    }
    const { observation } = await makers
      .mountainCar()
      .reset({ random: createRandomGenerator(1), options: { low: 0n, high: false } });
    expect(observation).toEqual(float32([0, 0]));
  });
});

describe.each(Object.entries(makers))('%s', (_, make) => {
  it('refuses an action of another shape', async () => {
    const env = make();
    await env.reset({ random: createRandomGenerator(1) });
    expect(() => env.step(float32([1, 2]))).toThrow(expect.objectContaining({ code: 'BAD_ACTION' }));
  });

  it('returns fresh observations', async () => {
    const env = make();
    const { observation } = await env.reset({ random: createRandomGenerator(1) });
    const before = structuredClone(observation);
    await env.step(float32([1]));
    expect(observation).toEqual(before);
  });

  it('draws a picture that changes with the state', async () => {
    const env = make();
    await env.reset({ random: createRandomGenerator(1) });
    const first = await env.render?.();
    for (let i = 0; i < 10; i++) await env.step(float32([1]));
    const second = await env.render?.();
    expect(first?.data.length).toBe((first?.width ?? 0) * (first?.height ?? 0) * 3);
    expect(new Set(first?.data).size).toBeGreaterThan(3);
    expect(second?.data).not.toEqual(first?.data);
  });
});
