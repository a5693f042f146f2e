/** A sensor that dies must stop the robot, however its driver goes on. */
import { describe, expect, it } from 'vitest';
import type { RobotSample } from './robot-driver.ts';
import { LoopRig, settle } from './testing/fake-robot.ts';

type HandOut = (rig: LoopRig) => () => unknown;

async function runningRig(...args: ConstructorParameters<typeof LoopRig>): Promise<LoopRig> {
  const rig = new LoopRig(...args);
  await rig.ready();
  rig.act(0.1, 0.1);
  rig.clock.advance(40);
  rig.driver.take();
  return rig;
}

/** Steps as fast as the robot lets it, until a step is over. @returns the ages that were told */
function stepUntilOver(rig: LoopRig, limit = 50): { ages: number[]; stoppedBy: string } {
  const ages: number[] = [];
  for (let i = 0; i < limit; i++) {
    const id = rig.act(0.1, 0.1);
    rig.clock.advance(40);
    const { ageMs, isOver, stoppedBy } = rig.observed(id);
    ages.push(ageMs);
    if (isOver) return { ages, stoppedBy };
  }
  throw new Error(`${limit} steps, and nothing stopped the robot; ages ${ages.join(', ')}`);
}

/** What a driver does whose sensor died at 20 + 40 ms: the last sample came at 60 ms by the rig's clock. */
const silences: ReadonlyArray<[string, HandOut, RegExp]> = [
  ['nothing', () => () => undefined, /has handed out none$/],
  ['null', () => () => null, /has handed out none$/],
  ['the same sample', () => constant({ values: [1, 2] }), /this sample again and again$/],
  ['the same sample with its age then', () => constant({ values: [1, 2], ageMs: 0 }), /again and again$/],
  [
    'the same array in a new object',
    () => {
      const values = Float64Array.of(1, 2);
      return () => ({ values });
    },
    /again and again$/,
  ],
  [
    'the same time stamp',
    ({ clock }) => {
      const measuredAtMs = clock.now();
      return () => ({ values: [1, 2], measuredAtMs });
    },
    /again and again$/,
  ],
  [
    'older and older time stamps',
    ({ clock }) => {
      let measuredAtMs = clock.now() + 1;
      return () => ({ values: [1, 2], measuredAtMs: --measuredAtMs });
    },
    /older ones$/,
  ],
];

function constant(sample: RobotSample): () => RobotSample {
  return () => sample;
}

describe('a sensor that falls silent while its driver hands out', () => {
  it.each(silences)('%s: stops the robot, and its age never runs backwards', async (_, handOut, message) => {
    const rig = await runningRig();
    rig.driver.handOut = handOut(rig);
    const { ages, stoppedBy } = stepUntilOver(rig);
    expect(stoppedBy).toMatch(/^stale observation: 1[24]0 ms old/);
    expect(stoppedBy).toMatch(message);
    expect(ages.every((age, i) => i === 0 || age > (ages[i - 1] ?? 0))).toBe(true);
    // At the first tick after its limit of 100 ms, not with the next step.
    const firstSafe = rig.driver.written.find(({ kind }) => kind === 'safe');
    expect(firstSafe?.atMs).toBeLessThanOrEqual(60 + 20 + 120);
    rig.driver.take();
    rig.clock.advance(500);
    expect(new Set(rig.driver.written.map(({ kind }) => kind))).toEqual(new Set(['safe']));
  });

  it('nothing: stops the robot while the client thinks, too', async () => {
    const rig = await runningRig({ watchdogMs: 60_000 });
    rig.driver.handOut = () => undefined;
    rig.clock.advance(100);
    expect(rig.driver.last).toBe('hold [0.1, 0.1] at 160');
    rig.clock.advance(20);
    expect(rig.driver.last).toBe('safe [0.5, -0.5] at 180');
    expect(rig.events.at(-1)).toEqual({
      kind: 'stopped',
      reason: 'stale observation: 120 ms old; since then the driver has handed out none',
    });
    // Of the moment in which it is handed out.
    rig.clock.advance(5);
    expect(rig.observed(rig.act(0.1, 0.1))).toMatchObject({ isOver: true, ageMs: 125 });
  });

  it('nothing: stops the robot before the first action moves it, when the sensor died after the reset', async () => {
    const rig = new LoopRig();
    await rig.ready();
    rig.driver.handOut = () => undefined;
    rig.clock.advance(1000);
    const id = rig.act(1, 1);
    rig.clock.advance(20);
    expect(rig.observed(id)).toMatchObject({ isOver: true, ageMs: 1020 });
    expect(new Set(rig.driver.written.map(({ kind }) => kind))).toEqual(new Set(['safe']));
  });

  it('nothing: stays stopped when the sensor comes back, until a reset', async () => {
    const rig = await runningRig();
    rig.driver.handOut = () => undefined;
    stepUntilOver(rig);
    rig.driver.handOut = undefined;
    rig.driver.take();
    rig.clock.advance(200);
    expect(rig.observed(rig.act(1, 1))).toMatchObject({ isOver: true, ageMs: 0 });
    rig.clock.advance(200);
    expect(new Set(rig.driver.written.map(({ kind }) => kind))).toEqual(new Set(['safe']));
    await rig.ready();
    const id = rig.act(1, 1);
    rig.clock.advance(40);
    expect(rig.observed(id)).toMatchObject({ isOver: false, stoppedBy: '' });
  });

  it('nothing: an action takes over only once the sensor is back, where afterStop says so', async () => {
    const rig = await runningRig({ afterStop: 'resume' });
    rig.driver.handOut = () => undefined;
    rig.clock.advance(200);
    rig.driver.take();
    for (let i = 0; i < 5; i++) {
      const id = rig.act(1, 1);
      rig.clock.advance(40);
      expect(rig.observed(id)).toMatchObject({ stoppedBy: expect.stringMatching(/^stale observation/) });
    }
    expect(new Set(rig.driver.written.map(({ kind }) => kind))).toEqual(new Set(['safe']));
    rig.driver.handOut = undefined;
    const id = rig.act(1, 1);
    rig.clock.advance(40);
    expect(rig.observed(id)).toMatchObject({ isOver: false, ageMs: 0 });
    expect(rig.driver.last).toMatch(/^hold \[1, 1\]/);
  });

  it('each sample once, slower than the ticks: goes on as long as the samples come', async () => {
    const rig = new LoopRig();
    let tick = 0;
    rig.driver.handOut = () => (tick++ % 4 === 0 ? { values: [tick, 0] } : undefined);
    const id = rig.reset();
    await settle();
    rig.clock.advance(20);
    expect(rig.observed(id)).toMatchObject({ ageMs: 0 });
    const ages = new Set<number>();
    for (let i = 0; i < 40; i++) {
      const step = rig.act(0.1, 0.1);
      rig.clock.advance(40);
      expect(rig.observed(step)).toMatchObject({ isOver: false, stoppedBy: '' });
      ages.add(rig.observed(step).ageMs);
    }
    expect(ages).toEqual(new Set([0, 40]));
  });

  it('an array that it writes again: goes on while the numbers change, or their age is told', async () => {
    const rig = await runningRig();
    const values = Float64Array.of(0, 0);
    rig.driver.handOut = () => {
      values[0] += 1;
      return { values };
    };
    expect(() => stepUntilOver(rig)).toThrow(/nothing stopped the robot/);
    // A robot at rest, whose driver says that it has just looked.
    rig.driver.handOut = () => ({ values, ageMs: 0 });
    expect(() => stepUntilOver(rig)).toThrow(/nothing stopped the robot/);
  });

  it('nothing, while the loop itself stands still: stops it at the first tick after', async () => {
    const rig = await runningRig({ watchdogMs: 60_000 });
    rig.driver.handOut = () => undefined;
    rig.clock.stall(5000);
    expect(rig.driver.take()).toEqual(['safe [0.5, -0.5] at 5060']);
  });

  it('a sample after a read that took long: the watchdog counts the time that it took', async () => {
    const rig = await runningRig();
    rig.driver.onRead = () => {
      rig.driver.onRead = undefined;
      rig.clock.stall(5000);
    };
    rig.clock.advance(20);
    expect(rig.driver.take()[0]).toMatch(/^safe/);
  });
});

describe("a sensor's silence in a reset", () => {
  it('cuts short a reset that moves the robot, and says so to its client', async () => {
    const rig = new LoopRig();
    rig.driver.onReset = async (context) => {
      for (;;) {
        context.command([1, 1]);
        await context.nextTick();
      }
    };
    const id = rig.reset();
    for (let i = 0; i < 5; i++) {
      rig.clock.advance(20);
      await settle();
    }
    rig.driver.handOut = () => undefined;
    rig.clock.advance(100);
    expect(rig.driver.last).toMatch(/^reset/);
    rig.clock.advance(20);
    expect(rig.driver.last).toBe('safe [0.5, -0.5] at 220');
    expect(rig.failure(id)).toMatch(/^the reset failed: stale observation: 120 ms old; since then .* none$/);
    await settle();
    rig.driver.handOut = undefined;
    rig.driver.onReset = undefined;
    await rig.ready();
  });

  it('lets it bring the sensor back, and move once it is back', async () => {
    const rig = await runningRig();
    rig.driver.handOut = () => undefined;
    stepUntilOver(rig);
    const id = rig.reset();
    await settle();
    let isBack = false;
    rig.driver.onReset = async (context) => {
      while ((await context.nextTick()) === undefined);
      context.command([1, 1]);
      isBack = true;
      await context.nextTick();
    };
    // The first reset had no such driver; it waits for a sample, in vain.
    rig.clock.advance(120);
    expect(rig.failure(id)).toMatch(/fresh observation within 100 ms; the last one is \d+ ms old; .* none$/);
    const next = rig.reset();
    for (let i = 0; i < 50; i++) {
      rig.clock.advance(20);
      await settle();
    }
    expect([rig.answer(next), isBack]).toEqual([undefined, false]);
    rig.driver.handOut = undefined;
    for (let i = 0; i < 4; i++) {
      rig.clock.advance(20);
      await settle();
    }
    expect(rig.observed(next)).toMatchObject({ isOver: false, ageMs: 0 });
  });

  it('gives a reset that begins without samples the same time to get them', async () => {
    const rig = new LoopRig();
    rig.driver.handOut = () => undefined;
    rig.driver.onReset = async (context) => {
      context.command([1, 1]);
      await context.nextTick();
      await context.nextTick();
    };
    const id = rig.reset();
    rig.clock.advance(20);
    await settle();
    expect(rig.driver.last).toMatch(/^reset/);
    rig.driver.handOut = undefined;
    for (let i = 0; i < 3; i++) {
      rig.clock.advance(20);
      await settle();
    }
    expect(rig.observed(id)).toMatchObject({ isOver: false });
  });

  it('after it: is no episode that begins with an observation from before', async () => {
    const rig = new LoopRig();
    rig.driver.onReset = async ({ nextTick }) => {
      await nextTick();
      rig.driver.handOut = () => undefined;
    };
    const id = rig.reset();
    rig.clock.advance(20);
    await settle();
    rig.clock.advance(100);
    expect(rig.failure(id)).toMatch(
      /fresh observation within 100 ms; the last one is 1\d\d ms old; .* none$/,
    );
  });

  it('from the start: is told, and an action says that there is nothing to see', async () => {
    const rig = new LoopRig();
    rig.driver.handOut = () => undefined;
    const id = rig.reset();
    await settle();
    rig.clock.advance(120);
    expect(rig.failure(id)).toBe('the reset failed: expected a fresh observation within 100 ms; none came');
    expect(rig.failure(rig.act(1, 1))).toMatch(/has not sent an observation yet/);
  });
});

describe('time stamps', () => {
  it('tell the age, by the clock of the loop', async () => {
    const rig = await runningRig();
    rig.driver.handOut = () => ({ values: [1, 2], measuredAtMs: rig.clock.now() - 7 });
    const id = rig.act(0.1, 0.1);
    rig.clock.advance(40);
    expect(rig.observed(id)).toMatchObject({ ageMs: 7 });
  });

  it('of an older sample change nothing, and are told once', async () => {
    const rig = await runningRig();
    const { clock, driver } = rig;
    let [i, last] = [0, 0];
    driver.handOut = () => {
      i += 1;
      // Every other datagram was overtaken.
      const measuredAtMs = i % 2 === 0 ? last - 1 : clock.now() - 3;
      last = measuredAtMs;
      return { values: [i, 0], measuredAtMs };
    };
    for (let n = 0; n < 20; n++) {
      const id = rig.act(0.1, 0.1);
      clock.advance(40);
      const { values, ageMs, isOver } = rig.observed(id);
      expect([(values[0] ?? 0) % 2, ageMs, isOver]).toEqual([1, 23, false]);
    }
    const told = rig.events.filter(({ kind }) => kind === 'report');
    expect(told).toEqual([
      { kind: 'report', message: expect.stringMatching(/measuredAtMs is before .* it is ignored/) },
    ]);
  });

  it('may start anew with a reset', async () => {
    const rig = await runningRig();
    const { clock, driver } = rig;
    driver.handOut = () => ({ values: [1, 2], measuredAtMs: clock.now() });
    clock.advance(20);
    driver.handOut = () => ({ values: [3, 4], measuredAtMs: clock.now() - 50 });
    const id = rig.reset();
    await settle();
    clock.advance(20);
    expect(rig.observed(id)).toMatchObject({ values: Float64Array.of(3, 4), ageMs: 50 });
    const step = rig.act(0.1, 0.1);
    clock.advance(40);
    expect(rig.observed(step)).toMatchObject({ ageMs: 50, isOver: false });
  });

  it.each<[string, (nowMs: number) => object, RegExp]>([
    [
      'ahead of the clock',
      (now) => ({ measuredAtMs: now + 5 }),
      /which has not come yet: is it of another clock\?/,
    ],
    [
      'of the time of day',
      () => ({ measuredAtMs: 1_795_000_000_000 }),
      /has not come yet: is it of another clock/,
    ],
    ['in seconds', (now) => ({ measuredAtMs: now / 1000 }), /which looks like seconds/],
    ['in microseconds', (now) => ({ measuredAtMs: now * 1000 }), /looks like microseconds/],
    ['in nanoseconds', (now) => ({ measuredAtMs: now * 1e6 }), /looks like nanoseconds/],
    ['of another type', (now) => ({ measuredAtMs: BigInt(Math.floor(now)) }), /got bigint \d+$/],
    ['that are none', () => ({ measuredAtMs: Number.NaN }), /got number NaN/],
    ['beside an age', (now) => ({ measuredAtMs: now, ageMs: 0 }), /an ageMs or a measuredAtMs, got both/],
  ])('%s are refused, with the reason', async (_, more, message) => {
    const rig = await runningRig();
    rig.clock.advance(60_000);
    rig.driver.handOut = () => ({ values: [1, 2], ...more(rig.clock.now()) });
    rig.clock.advance(20);
    expect(rig.driver.last).toMatch(/^emergency-stop/);
    expect(rig.events.at(-1)).toEqual({ kind: 'emergency-stop', reason: expect.stringMatching(message) });
  });

  it('that were rounded up are not of the future', async () => {
    const rig = await runningRig();
    rig.driver.handOut = () => ({ values: [1, 2], measuredAtMs: Math.ceil(rig.clock.now() + 0.01) });
    const id = rig.act(0.1, 0.1);
    rig.clock.advance(40);
    expect(rig.observed(id)).toMatchObject({ ageMs: 0, isOver: false });
  });
});

describe('a driver that is not what its type says', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a promise', () => Promise.resolve({ values: [0, 0] }), /could not read: read gave a promise/],
    ['a promise that never comes', () => new Promise(() => undefined), /read gave a promise/],
    ['a rejected promise', () => Promise.reject(new Error('gone')), /read gave a promise/],
    ['a number', () => 7, /expected a sample \{ values \}, got number 7/],
    ['the values alone', () => [0, 0], /expected a sample \{ values \}, got an object with 0, 1/],
    ['no values', () => ({ value: [0, 0] }), /expected a sample \{ values \}, got an object with value/],
    ['an infinity', () => ({ values: [Number.POSITIVE_INFINITY, 0] }), /number 0 of the sample is Infinity/],
    ['an age that is a text', () => ({ values: [0, 0], ageMs: '5' }), /age of 0 ms or more, got 5/],
    ['an age that is NaN', () => ({ values: [0, 0], ageMs: Number.NaN }), /age of 0 ms or more, got NaN/],
  ])('and hands out %s is stopped, with the reason', async (_, handOut, message) => {
    const rig = await runningRig();
    rig.driver.handOut = handOut;
    rig.clock.advance(20);
    await settle();
    expect(rig.driver.last).toMatch(/^emergency-stop/);
    expect(rig.events.at(-1)).toEqual({ kind: 'emergency-stop', reason: expect.stringMatching(message) });
  });

  it('but says null where there is nothing to say is understood', async () => {
    const rig = await runningRig();
    rig.driver.handOut = () => ({ values: [1, 2], ageMs: null, measuredAtMs: null, emergencyStop: null });
    const id = rig.act(0.1, 0.1);
    rig.clock.advance(40);
    expect(rig.observed(id)).toMatchObject({ isOver: false, stoppedBy: '' });
  });
});
