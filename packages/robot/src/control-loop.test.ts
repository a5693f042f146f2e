import { GymwireError } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import type { RobotResetContext } from './robot-driver.ts';
import { LoopRig, settle } from './testing/fake-robot.ts';

/** After a reset that took the first tick. */
async function readyRig(...args: ConstructorParameters<typeof LoopRig>): Promise<LoopRig> {
  const rig = new LoopRig(...args);
  await rig.ready();
  return rig;
}

describe('ticks', () => {
  it('write the safe action from the start, at the control rate', () => {
    const { clock, driver } = new LoopRig();
    clock.advance(65);
    expect(driver.take()).toEqual([
      'safe [0.5, -0.5] at 20',
      'safe [0.5, -0.5] at 40',
      'safe [0.5, -0.5] at 60',
    ]);
  });

  it('keep to the grid when one comes late, and count those that did not take place', async () => {
    const rig = await readyRig();
    const { clock, driver } = rig;
    rig.act(0.1, 0);
    clock.stall(53); // Since 20: ticks 40 and 60 fall into it, one takes place at 73.
    clock.advance(7);
    expect(driver.take()).toEqual(['action [0.1, 0] at 73', 'hold [0.1, 0] at 80']);
    const id = rig.act(0.2, 0);
    clock.advance(40);
    expect(driver.take()).toEqual(['action [0.2, 0] at 100', 'hold [0.2, 0] at 120']);
    expect(rig.observed(1 + 1)).toMatchObject({ tick: 4, missedTicks: 1, tickDelayMs: 0 });
    expect(rig.observed(id)).toMatchObject({ tick: 6, timeMs: 120, missedTicks: 0 });
  });

  it('do not drift over a long time at a rate that no float hits', () => {
    const rig = new LoopRig({ periodMs: 1000 / 30 });
    rig.clock.advance(3_600_010);
    expect(rig.driver.written).toHaveLength(108_000);
    expect(rig.driver.written.at(-1)?.atMs).toBeCloseTo(3_600_000, 3);
  });

  it('count those that took longer than a period', async () => {
    const rig = await readyRig();
    const id = rig.act(0, 0);
    rig.driver.onRead = () => {
      rig.driver.onRead = undefined;
      rig.clock.stall(25);
    };
    rig.clock.advance(60);
    expect(rig.observed(id)).toMatchObject({ overruns: 1 });
  });
});

describe('a step', () => {
  it('is carried out at the next tick, and observed at the one after', async () => {
    const rig = await readyRig();
    const { clock, driver } = rig;
    clock.advance(5);
    const id = rig.act(0.25, 1);
    expect(driver.take()).toEqual([]);
    clock.advance(15);
    expect(driver.take()).toEqual(['action [0.25, 1] at 40']);
    expect(rig.answer(id)).toBeUndefined();
    driver.sample = { values: [7, 8], ageMs: 3 };
    clock.advance(20);
    expect(driver.take()).toEqual(['hold [0.25, 1] at 60']);
    expect(rig.observed(id)).toEqual({
      values: Float64Array.of(7, 8),
      ageMs: 3,
      tick: 3,
      timeMs: 60,
      tickDelayMs: 0,
      command: Float64Array.of(0.25, 1),
      rangeLimited: [false, false],
      rateLimited: [false, false],
      lateTicks: 0,
      missedTicks: 0,
      overruns: 0,
      stoppedBy: '',
      isOver: false,
    });
  });

  it('a client that answers between two ticks is never late', async () => {
    const rig = await readyRig();
    for (let i = 0; i < 20; i++) {
      const id = rig.act(i / 100, 0);
      rig.clock.advance(40);
      expect(rig.observed(id)).toMatchObject({ lateTicks: 0, stoppedBy: '' });
    }
    expect(rig.driver.written.map(({ kind }) => kind).join(' ')).toBe('action hold '.repeat(20).trim());
  });

  it('gives a copy of the sample, which the driver may write again', async () => {
    const rig = await readyRig();
    const values = [1, 2];
    rig.driver.sample = { values };
    const id = rig.act(0, 0);
    rig.clock.advance(40);
    values[0] = 9;
    expect(rig.observed(id).values).toEqual(Float64Array.of(1, 2));
  });
});

describe('a late action', () => {
  it.each([
    ['hold', ['hold [1, 1] at 80', 'hold [1, 1] at 100']],
    ['zero', ['zero [0, 0] at 80', 'zero [0, 0] at 100']],
    ['safe', ['safe [0.5, -0.5] at 80', 'safe [0.5, -0.5] at 100']],
  ] as const)('leaves the robot to the rule %s, and is counted', async (lateActions, expected) => {
    const rig = await readyRig({ lateActions });
    rig.act(1, 1);
    rig.clock.advance(40);
    rig.driver.take();
    rig.clock.advance(40);
    expect(rig.driver.take()).toEqual(expected);
    const id = rig.act(-1, -1);
    rig.clock.advance(40);
    expect(rig.driver.take()).toEqual(['action [-1, -1] at 120', 'hold [-1, -1] at 140']);
    expect(rig.observed(id)).toMatchObject({ lateTicks: 2, stoppedBy: '' });
  });

  it('of zero stays within the limits', async () => {
    const rig = await readyRig({ lateActions: 'zero', low: [0.25, -2] });
    rig.act(1, 1);
    rig.clock.advance(60);
    expect(rig.driver.last).toBe('zero [0.25, 0] at 80');
  });
});

describe('the watchdog', () => {
  it('commands the safe action when the last action came watchdogMs ago, and nothing else moves the robot until a reset', async () => {
    const rig = await readyRig();
    const { clock, driver } = rig;
    clock.advance(1);
    rig.act(1, 1); // At 21: the watchdog's time is up at 221.
    clock.advance(199);
    expect(driver.last).toBe('hold [1, 1] at 220');
    clock.advance(20);
    expect(driver.last).toBe('safe [0.5, -0.5] at 240');
    expect(rig.events.at(-1)).toEqual({ kind: 'stopped', reason: 'watchdog: no action for 219 ms' });
    const late = rig.act(-1, -1);
    expect(rig.observed(late)).toMatchObject({
      stoppedBy: 'watchdog: no action for 219 ms',
      isOver: true,
      lateTicks: 8,
    });
    driver.take();
    clock.advance(1000);
    expect(new Set(driver.written.map(({ kind }) => kind))).toEqual(new Set(['safe']));
    await rig.ready();
    const next = rig.act(0, 0);
    clock.advance(40);
    expect(rig.observed(next)).toMatchObject({ stoppedBy: '', isOver: false });
  });

  it('acts at the tick at which its time is up', async () => {
    const rig = await readyRig();
    rig.act(1, 1); // At 20.
    rig.clock.advance(180);
    expect(rig.driver.last).toBe('hold [1, 1] at 200');
    rig.clock.advance(20);
    expect(rig.driver.last).toBe('safe [0.5, -0.5] at 220');
  });

  it('gives a client that thinks in time nothing to fear', async () => {
    const rig = await readyRig();
    for (let i = 0; i < 10; i++) {
      rig.act(1, 1);
      rig.clock.advance(199);
    }
    expect(rig.events.filter(({ kind }) => kind === 'stopped')).toEqual([]);
  });

  it('does not run between a reset and the first action', async () => {
    const rig = await readyRig();
    rig.clock.advance(60_000);
    const id = rig.act(1, 1);
    rig.clock.advance(40);
    expect(rig.observed(id)).toMatchObject({ stoppedBy: '', isOver: false });
  });

  it('acts after a standstill of the machine before anything else is commanded', async () => {
    const rig = await readyRig();
    rig.act(1, 1);
    rig.clock.stall(300);
    expect(rig.driver.take()).toEqual(['safe [0.5, -0.5] at 320']);
    expect(rig.observed(2)).toMatchObject({ isOver: true, missedTicks: 14 });
  });

  it('lets an action take over again where afterStop says so', async () => {
    const rig = await readyRig({ afterStop: 'resume' });
    rig.act(1, 1);
    rig.clock.advance(300);
    expect(rig.driver.last).toMatch(/^safe/);
    const id = rig.act(-1, -1);
    rig.clock.advance(40);
    expect(rig.driver.last).toMatch(/^hold \[-1, -1\]/);
    expect(rig.observed(id)).toMatchObject({ stoppedBy: expect.stringMatching(/^watchdog/), isOver: false });
    const next = rig.act(-1, -1);
    rig.clock.advance(40);
    expect(rig.observed(next)).toMatchObject({ stoppedBy: '', lateTicks: 0 });
  });
});

describe('limits', () => {
  it('clip each dimension to its range and to its change a tick, and say which', async () => {
    const rig = await readyRig({ maxChangePerTick: [0.25, 1], high: [0.75, 2] });
    const id = rig.act(5, -0.75); // From the safe action [0.5, -0.5].
    rig.clock.advance(20);
    expect(rig.driver.take()).toEqual(['action [0.75, -0.75] at 40']);
    rig.clock.advance(20);
    expect(rig.observed(id)).toMatchObject({ rangeLimited: [true, false], rateLimited: [false, false] });
    const next = rig.act(-1, 2);
    rig.clock.advance(40);
    expect(rig.driver.take().slice(1)).toEqual(['action [0.5, 0.25] at 80', 'hold [0.25, 1.25] at 100']);
    expect(rig.observed(next)).toMatchObject({
      rangeLimited: [false, false],
      rateLimited: [true, true],
      command: Float64Array.of(0.5, 0.25),
    });
  });

  it('do not delay the safe action', async () => {
    const rig = await readyRig({ maxChangePerTick: [0.01, 0.01] });
    for (let i = 0; i < 20; i++) {
      rig.act(1, 1);
      rig.clock.advance(40);
    }
    rig.loop.handle({ kind: 'release', reason: 'gone', mayResume: false });
    expect(rig.driver.last).toBe('safe [0.5, -0.5] at 820');
  });
});

describe('an emergency stop', () => {
  it('by the operator acts at once, between two ticks, and at every tick until it is cleared', async () => {
    const rig = await readyRig();
    const { clock, driver, loop } = rig;
    const step = rig.act(1, 1);
    clock.advance(25);
    driver.take();
    loop.handle({ kind: 'emergency-stop', reason: 'hand in the cell' });
    expect(driver.take()).toEqual(['emergency-stop [] at 45']);
    expect(rig.observed(step)).toMatchObject({ isOver: true, stoppedBy: 'emergency stop: hand in the cell' });
    clock.advance(40);
    expect(driver.take()).toEqual(['emergency-stop [] at 60', 'emergency-stop [] at 80']);
    expect(rig.failure(rig.reset())).toMatch(
      /stopped \(hand in the cell\) until the emergency stop is cleared/,
    );
    expect(rig.observed(rig.act(1, 1))).toMatchObject({ isOver: true });
    loop.handle({ kind: 'clear-emergency-stop' });
    clock.advance(20);
    expect(driver.last).toBe('safe [0.5, -0.5] at 100');
    expect(rig.observed(rig.act(1, 1))).toMatchObject({ isOver: true });
    await rig.ready();
    rig.act(1, 1);
    clock.advance(20);
    expect(driver.last).toMatch(/^action \[1, 1\]/);
  });

  it('is not ended by an action where others are', async () => {
    const rig = await readyRig({ afterStop: 'resume' });
    rig.act(1, 1);
    rig.clock.advance(40);
    rig.loop.handle({ kind: 'emergency-stop', reason: 'button' });
    rig.loop.handle({ kind: 'clear-emergency-stop' });
    expect(rig.observed(rig.act(1, 1))).toMatchObject({ isOver: true });
    rig.clock.advance(40);
    expect(rig.driver.last).toMatch(/^safe/);
  });

  it('by the robot latches, and comes back after clearing while its cause goes on', async () => {
    const rig = await readyRig();
    rig.driver.sample = { values: [0, 0], emergencyStop: 'button' };
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^emergency-stop/);
    rig.loop.handle({ kind: 'clear-emergency-stop' });
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^emergency-stop/);
    rig.driver.sample = { values: [0, 0] };
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^emergency-stop/);
    rig.loop.handle({ kind: 'clear-emergency-stop' });
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^safe/);
  });

  it.each([
    ['reads', (rig: LoopRig) => (rig.driver.onRead = fail), /could not read: the bus is gone/],
    ['writes', (rig: LoopRig) => (rig.driver.onWrite = fail), /could not write: the bus is gone/],
    [
      'samples of the wrong size',
      (rig: LoopRig) => (rig.driver.sample = { values: [1] }),
      /2 numbers, got 1/,
    ],
    [
      'NaN',
      (rig: LoopRig) => (rig.driver.sample = { values: [0, Number.NaN] }),
      /number 1 of the sample is NaN/,
    ],
    [
      'a negative age',
      (rig: LoopRig) => (rig.driver.sample = { values: [0, 0], ageMs: -1 }),
      /age of 0 ms or more, got -1/,
    ],
  ])('follows from a driver that fails: %s', async (_, break_, message) => {
    const rig = await readyRig();
    break_(rig);
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^emergency-stop/);
    expect(rig.events.at(-1)).toEqual({ kind: 'emergency-stop', reason: expect.stringMatching(message) });
    rig.clock.advance(60);
    expect(rig.events.filter(({ kind }) => kind === 'emergency-stop')).toHaveLength(1);
  });

  it('is the safe action where the driver knows no other, or its own fails', async () => {
    const plain = await readyRig({}, (fake) => ({
      read: () => fake.read(),
      write: (c, k) => fake.write(c, k),
    }));
    plain.loop.handle({ kind: 'emergency-stop', reason: 'test' });
    expect(plain.driver.last).toMatch(/^safe \[0.5, -0.5\]/);
    const failing = await readyRig({}, (fake) => Object.assign(fake, { emergencyStop: fail }));
    failing.loop.handle({ kind: 'emergency-stop', reason: 'test' });
    expect(failing.driver.last).toMatch(/^safe \[0.5, -0.5\]/);
    expect(failing.events.at(-1)).toEqual({
      kind: 'driver-fault',
      message: "the driver's emergencyStop failed: the bus is gone",
    });
  });

  it('is cleared by a client only where that is allowed', async () => {
    for (const clientMayClearStop of [false, true]) {
      const rig = await readyRig({ clientMayClearStop });
      rig.loop.handle({ kind: 'emergency-stop', reason: 'test' });
      const plain = rig.reset();
      expect(rig.failure(plain)).toMatch(/until the emergency stop is cleared/);
      const id = rig.reset({ clear_emergency_stop: true });
      await settle();
      rig.clock.advance(20);
      expect(rig.answer(id)?.kind).toBe(clientMayClearStop ? 'observed' : 'failed');
    }
  });
});

describe('a client that goes away', () => {
  it('leaves the safe action behind at once, and its step is answered', async () => {
    const rig = await readyRig();
    const id = rig.act(1, 1);
    rig.clock.advance(23);
    rig.loop.handle({ kind: 'release', reason: 'the stream ended', mayResume: true });
    expect(rig.driver.last).toBe('safe [0.5, -0.5] at 43');
    expect(rig.observed(id)).toMatchObject({ isOver: true, stoppedBy: 'the stream ended' });
    rig.clock.advance(20);
    expect(rig.driver.last).toBe('safe [0.5, -0.5] at 60');
    expect(rig.observed(rig.act(1, 1))).toMatchObject({ isOver: true });
  });

  it('before its action was carried out never moved the robot', async () => {
    const rig = await readyRig();
    rig.act(1, 1);
    rig.loop.handle({ kind: 'release', reason: 'the stream ended', mayResume: true });
    rig.clock.advance(200);
    expect(new Set(rig.driver.written.map(({ kind }) => kind))).toEqual(new Set(['safe']));
  });

  it('may come back with an action where afterStop says so, but not after its session was closed', async () => {
    for (const mayResume of [true, false]) {
      const rig = await readyRig({ afterStop: 'resume' });
      rig.act(1, 1);
      rig.clock.advance(40);
      rig.loop.handle({ kind: 'release', reason: 'gone', mayResume });
      rig.act(-1, 1);
      rig.clock.advance(20);
      expect(rig.driver.last).toMatch(mayResume ? /^action \[-1, 1\]/ : /^safe/);
    }
  });
});

describe('a stale observation', () => {
  it('stops the robot: nobody can control what they cannot see', async () => {
    const rig = await readyRig();
    const id = rig.act(1, 1);
    rig.driver.sample = { values: [0, 0], ageMs: 100 };
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^action/);
    rig.driver.sample = { values: [0, 0], ageMs: 120 };
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^safe/);
    expect(rig.observed(id)).toMatchObject({ isOver: true, stoppedBy: 'stale observation: 120 ms old' });
  });
});

describe('a reset', () => {
  it('may take minutes and a person: commands within limits, ticks, reports, instructions', async () => {
    const rig = new LoopRig({ maxChangePerTick: [0.25, 1] });
    const { clock, driver, events } = rig;
    driver.onReset = async (context) => {
      context.report('homing');
      context.command([1, 5]);
      await context.nextTick();
      await context.nextTick();
      await context.confirmed('put the cube on the mat');
      context.command([0, 0]);
    };
    const id = rig.reset();
    expect(driver.take()).toEqual(['safe [0.5, -0.5] at 0']);
    for (let i = 0; i < 3; i++) {
      clock.advance(20);
      await settle();
    }
    expect(driver.take()).toEqual(['reset [0.75, 0.5] at 20', 'reset [1, 1.5] at 40', 'reset [1, 2] at 60']);
    expect(events).toEqual([
      { kind: 'report', message: 'homing' },
      { kind: 'instruction', message: 'put the cube on the mat' },
    ]);
    clock.advance(600_000);
    expect(rig.answer(id)).toBeUndefined();
    rig.loop.handle({ kind: 'confirm' });
    await settle();
    driver.sample = { values: [3, 4] };
    clock.advance(20);
    expect(rig.observed(id)).toMatchObject({ values: Float64Array.of(3, 4), stoppedBy: '', isOver: false });
    expect(driver.last).toMatch(/^safe/);
  });

  it('that is over leaves nobody behind who waits, and says so with a code', async () => {
    const rig = new LoopRig();
    const left: unknown[] = [];
    let kept: RobotResetContext | undefined;
    rig.driver.onReset = (context) => {
      kept = context;
      void context.nextTick().catch((thrown: unknown) => left.push(thrown));
    };
    rig.reset();
    await settle();
    expect(left).toEqual([new GymwireError('CANCELLED', 'the reset is over')]);
    await expect(kept?.nextTick()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(() => kept?.command([1, 1])).toThrow(expect.objectContaining({ code: 'CANCELLED' }));
  });

  it('hands its options and the seed on', async () => {
    const rig = new LoopRig();
    const seen: unknown[] = [];
    rig.driver.onReset = ({ options, seed }) => void seen.push(options, seed);
    rig.reset({ slowly: true });
    expect(seen).toEqual([{ slowly: true }, undefined]);
  });

  it('ends the episode before, whose robot stands still meanwhile', async () => {
    const rig = await readyRig();
    const step = rig.act(1, 1);
    rig.clock.advance(20);
    rig.reset();
    expect(rig.driver.last).toMatch(/^safe/);
    expect(rig.observed(step)).toMatchObject({ isOver: true, stoppedBy: 'a reset' });
  });

  it('fails with what the driver throws, and leaves the robot safe', async () => {
    const rig = new LoopRig();
    rig.driver.onReset = fail;
    const atOnce = rig.reset();
    await settle();
    expect(rig.failure(atOnce)).toBe('the reset failed: the bus is gone');
    rig.driver.onReset = async (context) => {
      context.command([1, 1]);
      await context.nextTick();
      fail();
    };
    const id = rig.reset();
    rig.clock.advance(20);
    await settle();
    expect(rig.failure(id)).toBe('the reset failed: the bus is gone');
    expect(rig.driver.last).toBe('safe [0.5, -0.5] at 20');
    rig.driver.onReset = undefined;
    await rig.ready();
  });

  it.each([
    ['emergency-stop', { kind: 'emergency-stop', reason: 'test' }, /emergency stop: test/],
    ['release', { kind: 'release', reason: 'the stream ended', mayResume: true }, /the stream ended/],
  ] as const)('is cut short by %s, whether the driver notices or not', async (_, request, message) => {
    const rig = new LoopRig();
    let seen: RobotResetContext | undefined;
    let returnFromDriver: () => void = () => undefined;
    rig.driver.onReset = (context) => {
      seen = context;
      context.command([1, 1]);
      return new Promise((resolve) => (returnFromDriver = resolve));
    };
    const id = rig.reset();
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^reset/);
    rig.loop.handle(request);
    expect(rig.driver.last).toMatch(/^(safe|emergency-stop)/);
    expect(rig.failure(id)).toMatch(message);
    expect(seen?.signal.aborted).toBe(true);
    expect(() => seen?.command([1, 1])).toThrow(message);
    await expect(seen?.nextTick()).rejects.toThrow(message);
    rig.loop.handle({ kind: 'clear-emergency-stop' });
    expect(rig.failure(rig.reset())).toMatch(/the reset before has not come to its end yet/);
    returnFromDriver();
    await settle();
    rig.driver.onReset = undefined;
    await rig.ready();
    expect(rig.events.filter((event) => 'id' in event && event.id === id)).toHaveLength(1);
  });

  it('needs a fresh observation, and fails when none comes in time', async () => {
    const rig = new LoopRig();
    rig.driver.sample = undefined;
    const none = rig.reset();
    await settle();
    rig.clock.advance(120);
    expect(rig.failure(none)).toMatch(/fresh observation within 100 ms; none came/);
    rig.driver.sample = { values: [0, 0], ageMs: 500 };
    const stale = rig.reset();
    await settle();
    rig.clock.advance(120);
    expect(rig.failure(stale)).toMatch(/the last one is 500 ms old/);
    await settle();
    const late = rig.reset();
    await settle();
    rig.clock.advance(60);
    rig.driver.sample = { values: [0, 0], ageMs: 5 };
    rig.clock.advance(20);
    expect(rig.observed(late)).toMatchObject({ ageMs: 5 });
  });
});

describe('closing', () => {
  it('commands the safe action once more and ticks no longer', async () => {
    const rig = await readyRig();
    rig.act(1, 1);
    rig.clock.advance(23);
    rig.driver.take();
    await Promise.all([rig.loop.close(), rig.loop.close()]);
    expect(rig.driver.take()).toEqual(['safe [0.5, -0.5] at 43']);
    expect(rig.driver.calls).toEqual(['close']);
    rig.clock.advance(1000);
    expect(rig.driver.take()).toEqual([]);
  });
});

function fail(): never {
  throw new Error('the bus is gone');
}
