import { box, type GymwireError } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { startRobot } from './robot.ts';
import type { RobotDriver } from './robot-driver.ts';
import type { RobotOptions } from './robot-options.ts';

const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

describe('options', () => {
  const driver: RobotDriver = { read: () => undefined, write: () => undefined };
  const good: RobotOptions = {
    driver,
    observationSpace: box([0], [1]),
    actionSpace: box([-1], [1]),
    judge: () => ({ reward: 0 }),
    controlRateHz: 50,
    safeAction: [0],
  };

  it.each<[string, Partial<RobotOptions>, RegExp]>([
    ['a rate of zero', { controlRateHz: 0 }, /controlRateHz: expected a number of 0.1 to 10000, got 0/],
    ['a rate that is none', { controlRateHz: Number.NaN }, /controlRateHz: .* got NaN/],
    ['a short safe action', { safeAction: [] }, /safeAction: expected 1 finite numbers, got \[\]/],
    ['an unsafe safe action', { safeAction: [2] }, /safeAction\[0\]: expected a number of -1 to 1, got 2/],
    [
      'a watchdog that no client could please',
      { watchdogMs: 59 },
      /watchdogMs: expected a number of 60 or more/,
    ],
    [
      'limits wider than the space',
      { actionLimits: { low: [-2], high: [1] } },
      /actionLimits.low\[0\]: expected a number of -1 to 1, got -2/,
    ],
    [
      'a safe action outside tighter limits',
      { actionLimits: { low: [0.5], high: [1] } },
      /safeAction\[0\]: expected a number of 0.5 to 1, got 0/,
    ],
    [
      'a limit of age that no sample could keep',
      { maxObservationAgeMs: 0 },
      /maxObservationAgeMs: .* got 0$/,
    ],
    [
      'a limit of age that is none',
      { maxObservationAgeMs: Infinity },
      /maxObservationAgeMs: .* got Infinity/,
    ],
    ['a limit of age that is NaN', { maxObservationAgeMs: Number.NaN }, /maxObservationAgeMs: .* got NaN/],
    ['a watchdog that never acts', { watchdogMs: Infinity }, /watchdogMs: .* got Infinity/],
    ['a rate limit of zero', { actionRateLimits: [0] }, /actionRateLimits\[0\]/],
    [
      'an unbounded action space',
      { actionSpace: box([-Infinity], [1]) },
      /actionSpace.low: expected 1 finite/,
    ],
    [
      'integer actions',
      {
        actionSpace: {
          type: 'box',
          low: { dtype: 'int32', shape: [1], data: Int32Array.of(-1) },
          high: { dtype: 'int32', shape: [1], data: Int32Array.of(1) },
        },
      },
      /actionSpace: expected a Box of float32 or float64, got int32/,
    ],
  ])('refuse %s', async (_, change, message) => {
    await expect(startRobot({ ...good, ...change })).rejects.toThrow(code('INVALID_ARGUMENT', message));
  });

  it.each<[string, object, RegExp]>([
    [
      'a misspelt limit, which would be none',
      { actionRateLimit: [1] },
      /startRobot takes no "actionRateLimit": did you mean actionRateLimits\?/,
    ],
    [
      'misspelt bounds',
      { actionLimits: { low: [0], hihg: [1] } },
      /actionLimits takes no "hihg": did you mean high\?/,
    ],
    [
      'a misspelt export of a module, which would be another one',
      { driver: { url: import.meta.url, exportname: 'createArm' } },
      /driver takes no "exportname": did you mean exportName\?/,
    ],
    [
      'a number that is a text',
      { watchdogMs: '200' },
      /watchdogMs: expected a number of 60 or more, got 200/,
    ],
  ])('refuse %s', async (_, change, message) => {
    await expect(startRobot({ ...good, ...change })).rejects.toThrow(code('INVALID_ARGUMENT', message));
  });

  it('refuse a rule that there is not', async () => {
    const wrong = JSON.parse('{ "lateActions": "panic" }') as Partial<RobotOptions>;
    await expect(startRobot({ ...good, ...wrong })).rejects.toThrow(
      code('INVALID_ARGUMENT', /lateActions: expected hold, zero, safe, got panic/),
    );
  });

  it('pass on what the driver says when it cannot be opened', async () => {
    const broken = { ...driver, open: () => Promise.reject(new Error('no such port')) };
    await expect(startRobot({ ...good, driver: broken })).rejects.toThrow('no such port');
  });
});
