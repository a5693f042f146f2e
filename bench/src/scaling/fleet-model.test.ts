import { describe, expect, it } from 'vitest';
import { type Fleet, simulateFleet, type TrainerCosts } from './fleet-model.ts';
import { paceSetter, stepParts, transitionsPerSecond, usefulHosts } from './limits.ts';

const costs: TrainerCosts = { updateMs: 4, drawMs: 0.1, messageMs: 0.06, actMs: 0.05, rowMs: 0.01 };
const fleet: Fleet = {
  hosts: 4,
  envsPerHost: 8,
  stepMs: 5,
  spread: 0,
  delayMs: 10,
  updatesPerTransition: 1,
  mode: 'strict',
};
const minute = 60_000;
const failures = { everyHours: 0.05, noticeMs: 10, makeMs: 500, awayMs: 30_000 };

describe('a simulated fleet', () => {
  it('takes as long as its parts where nothing varies: all hosts at once, their answers one after the other', () => {
    const free = { ...fleet, updatesPerTransition: 0 };
    const roundMs = 32 * 0.05 + 0.03 + 10 + 40 + 4 * (0.03 + 8 * 0.01);
    const { transitionsPerSecond: rate } = simulateFleet(costs, free, minute);
    expect(rate).toBeCloseTo((32 / roundMs) * 1e3, 0);
  });

  it('is as fast as its learner where that takes longest', () => {
    const { transitionsPerSecond: rate, learnerBusy } = simulateFleet(costs, fleet, minute);
    expect(rate).toBeCloseTo(1000 / 4, 0);
    expect(learnerBusy).toBeCloseTo(1, 2);
  });

  it('hides a delay behind updates, as pipelined training does', () => {
    const near = simulateFleet(costs, { ...fleet, delayMs: 0 }, minute);
    const far = simulateFleet(costs, { ...fleet, delayMs: 50 }, minute);
    expect(far.transitionsPerSecond / near.transitionsPerSecond).toBeGreaterThan(0.99);
  });

  it('is the same for the same seed, and another for another', () => {
    const uneven = { ...fleet, spread: 0.3, updatesPerTransition: 0, failures };
    expect(simulateFleet(costs, uneven, minute, 1)).toEqual(simulateFleet(costs, uneven, minute, 1));
    expect(simulateFleet(costs, uneven, minute, 1)).not.toEqual(simulateFleet(costs, uneven, minute, 2));
  });

  it('waits for the slowest host where it is strict, and leaves stragglers out where it is elastic', () => {
    const uneven = { ...fleet, hosts: 50, spread: 0.6, updatesPerTransition: 0 };
    const strict = simulateFleet(costs, uneven, minute);
    const elastic = simulateFleet(costs, { ...uneven, mode: 'elastic' }, minute);
    expect(strict.absent).toBe(0);
    expect(elastic.absent).toBeGreaterThan(0);
    expect(elastic.transitionsPerSecond).toBeGreaterThan(strict.transitionsPerSecond);
  });

  it('is held up by one slow host where it is strict, and hardly where it is elastic', () => {
    const slow = { ...fleet, hosts: 50, updatesPerTransition: 0, slow: { hosts: 1, factor: 10 } };
    const strict = simulateFleet(costs, slow, minute);
    const elastic = simulateFleet(costs, { ...slow, mode: 'elastic' }, minute);
    expect(elastic.transitionsPerSecond / strict.transitionsPerSecond).toBeGreaterThan(2);
    const alike = simulateFleet(costs, { ...slow, slow: { hosts: 0, factor: 1 } }, minute);
    expect(elastic.transitionsPerSecond / alike.transitionsPerSecond).toBeGreaterThan(49 / 50 - 0.01);
  });

  it('goes on where hosts fail: their episodes are lost, and a strict fleet waits until they are made again', () => {
    const whole = simulateFleet(costs, { ...fleet, updatesPerTransition: 0 }, 20 * minute);
    const broken = simulateFleet(costs, { ...fleet, updatesPerTransition: 0, failures }, 20 * minute);
    expect([whole.failures, whole.lostEpisodes]).toEqual([0, 0]);
    expect(broken.failures).toBeGreaterThan(5);
    expect(broken.lostEpisodes).toBeGreaterThanOrEqual(broken.failures);
    expect(broken.transitionsPerSecond).toBeLessThan(whole.transitionsPerSecond);
    expect(broken.transitionsPerSecond).toBeGreaterThan(0.5 * whole.transitionsPerSecond);
  });

  it('of one host that fails waits until that is back', () => {
    const alone = { ...fleet, hosts: 1, failures };
    expect(simulateFleet(costs, alone, 20 * minute).transitionsPerSecond).toBeGreaterThan(0);
  });
});

describe('the closed form', () => {
  it('is near the simulation where nothing varies', () => {
    for (const hosts of [1, 3, 10, 100, 1000]) {
      for (const updatesPerTransition of [0, 0.05, 1]) {
        const setting = { ...fleet, hosts, updatesPerTransition };
        const rate = transitionsPerSecond(costs, hosts, setting);
        // The first of 50 steps owes no updates.
        const untilMs = (50 * hosts * setting.envsPerHost * 1e3) / rate;
        const ratio = rate / simulateFleet(costs, setting, untilMs).transitionsPerSecond;
        expect([hosts, updatesPerTransition, ratio > 0.9 && ratio < 1.1]).toEqual([
          hosts,
          updatesPerTransition,
          true,
        ]);
      }
    }
  });

  it('names who sets the pace', () => {
    expect(paceSetter(costs, 1, { ...fleet, updatesPerTransition: 0 })).toBe('hosts');
    expect(paceSetter(costs, 100, fleet)).toBe('learner');
    expect(paceSetter(costs, 1000, { ...fleet, updatesPerTransition: 0 })).toBe('thread');
  });

  it('counts hosts until the learner has no time left, or the thread takes half of it', () => {
    const { learnerMs, threadMs, hostMs } = stepParts(costs, usefulHosts(costs, fleet), fleet);
    expect(learnerMs).toBeGreaterThanOrEqual(threadMs + hostMs);
    const free = { ...fleet, updatesPerTransition: 0 };
    const parts = stepParts(costs, usefulHosts(costs, free), free);
    expect(parts.threadMs).toBeGreaterThanOrEqual(parts.hostMs);
    expect(stepParts(costs, usefulHosts(costs, free) - 1, free).threadMs).toBeLessThan(parts.hostMs);
  });
});
