/** Seeds that come with a step, for the reset that it may bring. */
import { encodeValue } from '@gymwire/protocol/wire';
import { action, actions, command, drawsOf } from '../conformance-env.ts';
import { expectRefusal, expectSame } from '../expectations.ts';
import { countsOf, type PlayedStep } from '../played-replies.ts';
import type { PlayedSession, RequestOptions } from '../played-session.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';

const section = 'Seeds with a step';
const needsCapability = 'step-seeds';
const { goOn, terminate, truncate } = command;
const routes = ['stream', 'unary'] as const;

const firstDraw = (seed: bigint) => drawsOf(seed, 1)[0];

/** One little-endian uint64 each. */
function packed(seeds: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(seeds.length * 8);
  for (const [i, seed] of seeds.entries()) bytes.writeBigUInt64LE(seed, i * 8);
  return bytes;
}

/** A step with seeds, in which environment i is told `commands[i]`. */
function stepWith(
  session: PlayedSession,
  commands: readonly number[],
  seeds: readonly bigint[],
  request: RequestOptions = {},
): Promise<PlayedStep> {
  const batch = encodeValue(actions(commands.map((what) => [0, what] as const)));
  return session.stepBy({ action: batch, nextSeeds: packed(seeds) }, request);
}

const drawsIn = ({ observation }: PlayedStep, count: number) =>
  countsOf(observation, count).map(({ draw }) => draw);

async function start(probe: Probe, autoresetMode: 'next-step' | 'same-step'): Promise<PlayedSession> {
  const session = await probe.make({ numEnvs: 2, autoresetMode });
  await session.reset({ seeds: [1, 2] });
  return session;
}

export const stepSeedRules: readonly Rule[] = [
  {
    id: 'step-seeds.same-step',
    requires: 'SAME_STEP: the seed that comes with the end of an episode is the next one’s, with its 64 bits',
    section,
    needsCapability,
    async check(probe) {
      for (const [k, by] of routes.entries()) {
        const session = await start(probe, 'same-step');
        const seeds = [2n ** 64n - 1n - BigInt(k), 2n ** 53n + 1n];
        const end = await stepWith(session, [terminate, goOn], seeds, { by });
        const expected = [firstDraw(seeds[0] ?? 0n), firstDraw(2n)];
        expectSame(drawsIn(end, 2), expected, `draws after the end of environment 0 (${by})`);
      }
    },
  },
  {
    id: 'step-seeds.next-step',
    requires: 'NEXT_STEP: the seed that comes with the step after the end is the next episode’s',
    section,
    needsCapability,
    async check(probe) {
      const session = await start(probe, 'next-step');
      await stepWith(session, [goOn, truncate], [3n, 4n]);
      const reset = await stepWith(session, [goOn, goOn], [5n, 6n]);
      expectSame(drawsIn(reset, 2), [firstDraw(1n), firstDraw(6n)], 'draws in the step after the end');
    },
  },
  {
    id: 'step-seeds.ignored',
    requires: 'a seed is ignored by an environment that the step does not reset, now and later',
    section,
    needsCapability,
    async check(probe) {
      for (const mode of ['next-step', 'same-step'] as const) {
        const session = await start(probe, mode);
        const going = await stepWith(session, [goOn, goOn], [7n, 8n]);
        expectSame(drawsIn(going, 2), [firstDraw(1n), firstDraw(2n)], `draws of a step in ${mode}`);
        await session.step(
          actions([
            [0, truncate],
            [0, truncate],
          ]),
        );
        const { observation } = await session.step(
          actions([
            [0, goOn],
            [0, goOn],
          ]),
        );
        const draws = countsOf(observation, 2).map(({ draw }) => draw);
        const second = [drawsOf(1n, 2)[1], drawsOf(2n, 2)[1]];
        expectSame(draws, second, `draws of the second episodes, which came without seeds, in ${mode}`);
      }
    },
  },
  {
    id: 'step-seeds.goes-on',
    requires: 'the random stream goes on from such a seed, where the next reset has none',
    section,
    needsCapability,
    async check(probe) {
      const session = await start(probe, 'same-step');
      await stepWith(session, [truncate, truncate], [9n, 10n]);
      const { observation } = await session.step(
        actions([
          [0, truncate],
          [0, goOn],
        ]),
      );
      const draws = countsOf(observation, 2).map(({ draw }) => draw);
      expectSame(draws, [drawsOf(9n, 2)[1], firstDraw(10n)], 'draws of the third and the second episode');
    },
  },
  {
    id: 'step-seeds.once',
    requires: 'a step that is sent again gets the kept reply, whatever seeds come with it',
    section,
    needsCapability,
    async check(probe) {
      const session = await start(probe, 'same-step');
      const first = await stepWith(session, [truncate, truncate], [11n, 12n]);
      const again = await stepWith(session, [truncate, truncate], [13n, 14n], { sequence: session.sequence });
      expectSame(drawsIn(again, 2), drawsIn(first, 2), 'draws of the repeated step');
    },
  },
  {
    id: 'step-seeds.refused',
    requires:
      'another number of seeds, and seeds where no step resets, are INVALID_ARGUMENT, and nothing moves',
    section,
    needsCapability,
    async check(probe) {
      const single = await probe.make();
      await single.reset();
      const disabled = await probe.make({ numEnvs: 1, autoresetMode: 'disabled' });
      await disabled.reset();
      const pair = await start(probe, 'same-step');
      const one = encodeValue(action(0));
      const row = encodeValue(actions([[0, goOn]]));
      const two = encodeValue(
        actions([
          [0, goOn],
          [0, goOn],
        ]),
      );
      for (const by of routes) {
        const refused = (session: PlayedSession, given: typeof one, nextSeeds: Buffer, what: string) =>
          expectRefusal(session.stepBy({ action: given, nextSeeds }, { by }), 'INVALID_ARGUMENT', what);
        await refused(single, one, packed([1n]), `a seed in a single session (${by})`);
        await refused(disabled, row, packed([1n]), `a seed in the mode DISABLED (${by})`);
        await refused(pair, two, packed([1n]), `8 bytes of seeds for two environments (${by})`);
        await refused(pair, two, packed([1n, 2n, 3n]), `24 bytes of seeds for two environments (${by})`);
        await refused(pair, two, packed([1n, 2n]).subarray(1), `15 bytes of seeds (${by})`);
      }
      const { observation } = await pair.stepBy({ action: two });
      const steps = countsOf(observation, 2).map((counts) => counts.steps);
      expectSame(steps, [1, 1], 'steps after those that were refused');
    },
  },
];
