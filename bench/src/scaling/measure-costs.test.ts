import { expect, it } from 'vitest';
import { fitSteps } from './measure-costs.ts';

it('finds what a host and an environment cost in steps of both', () => {
  const steps = [
    [1, 1],
    [1, 64],
    [8, 8],
    [32, 1],
  ].map(([hosts, envsPerHost]) => ({
    hosts,
    envsPerHost,
    cpuMs: 0.04 * hosts + 0.002 * hosts * envsPerHost,
  }));
  const { messageMs, codecMs } = fitSteps(steps);
  expect(messageMs).toBeCloseTo(0.04, 10);
  expect(codecMs).toBeCloseTo(0.002, 10);
});
