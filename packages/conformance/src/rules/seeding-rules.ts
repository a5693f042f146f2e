import { action, type Counts, command, drawsOf } from '../conformance-env.ts';
import { expectRefusal, expectSame, expectThat } from '../expectations.ts';
import { countsOf, countsOfSingle, infoValue, type PlayedReset } from '../played-replies.ts';
import type { PlayedSession } from '../played-session.ts';
import type { Rule } from '../rule.ts';

const section = 'Resets and steps';

const drawOf = ({ observation }: PlayedReset) => countsOfSingle(observation).draw;
const drawsIn = ({ observation }: PlayedReset, count: number) =>
  countsOf(observation, count).map(({ draw }) => draw);

/** The first draw after each of these seeds. */
const firstDraws = (...seeds: readonly bigint[]) => seeds.flatMap((seed) => drawsOf(seed, 1));

async function countsAfterStep(session: PlayedSession): Promise<Counts> {
  return countsOfSingle((await session.step(action(0))).observation);
}

export const seedingRules: readonly Rule[] = [
  {
    id: 'seeding.seed',
    requires: 'a seed fixes the episode, whatever was before',
    section,
    async check(probe) {
      const session = await probe.make();
      for (const seed of [42, 0, 42]) {
        expectSame(
          [drawOf(await session.reset({ seed }))],
          firstDraws(BigInt(seed)),
          `draw after seed ${seed}`,
        );
      }
    },
  },
  {
    id: 'seeding.64-bits',
    requires: 'seeds keep their 64 bits',
    section,
    async check(probe) {
      const session = await probe.make();
      for (const seed of [2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
        expectSame([drawOf(await session.reset({ seed }))], firstDraws(seed), `draw after seed ${seed}`);
      }
    },
  },
  {
    id: 'seeding.vector',
    requires: 'environment i of a vector session gets seed + i',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 3 });
      const draws = drawsIn(await session.reset({ seed: 7 }), 3);
      expectSame(draws, firstDraws(7n, 8n, 9n), 'draws after seed 7');
    },
  },
  {
    id: 'seeding.list',
    requires: 'seeds gives each environment its own, or lets its stream go on',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 3 });
      const first = drawsIn(await session.reset({ seeds: [5, 6n, 2n ** 60n] }), 3);
      expectSame(first, firstDraws(5n, 6n, 2n ** 60n), 'draws after seeds [5, 6, 2^60]');
      const second = drawsIn(await session.reset({ seeds: [null, 5, null] }), 3);
      const expected = [drawsOf(5n, 2)[1], drawsOf(5n, 1)[0], drawsOf(2n ** 60n, 2)[1]];
      expectSame(second, expected, 'draws after seeds [none, 5, none]');
    },
  },
  {
    id: 'seeding.goes-on',
    requires: 'without a seed the random stream goes on, through resets and autoresets',
    section,
    async check(probe) {
      const session = await probe.make();
      await session.reset({ seed: 11 });
      const later = [drawOf(await session.reset()), drawOf(await session.reset())];
      expectSame([0, ...later], [0, ...drawsOf(11n, 3).slice(1)], 'draws of the second and third episode');

      const vector = await probe.make({ numEnvs: 1, autoresetMode: 'same-step' });
      await vector.reset({ seeds: [12] });
      const { observation } = await vector.step({ ...action(0, command.truncate), shape: [1, 2] });
      const [next] = countsOf(observation, 1);
      expectSame(next?.draw, drawsOf(12n, 2)[1], 'draw after an autoreset');
    },
  },
  {
    id: 'seeding.entropy',
    requires: 'the first reset without a seed draws from entropy',
    section,
    async check(probe) {
      const vector = await probe.make({ numEnvs: 3 });
      const draws = drawsIn(await vector.reset(), 3);
      draws.push(drawOf(await (await probe.make()).reset()));
      expectThat(new Set(draws).size === 4, `four unseeded environments drew ${draws.join(', ')}`);
    },
  },
  {
    id: 'seeding.out-of-range',
    requires:
      'refuses seed + i from 2^64 on, and another number of seeds, with INVALID_ARGUMENT; nothing moves',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 2 });
      await session.reset({ seeds: [1, 2] });
      for (const options of [{ seed: 2n ** 64n - 1n }, { seeds: [1] }, { seeds: [1, 2, 3] }]) {
        const what = `reset of two environments with ${'seed' in options ? 'seed 2^64 - 1' : `${options.seeds?.length} seeds`}`;
        await expectRefusal(session.reset(options), 'INVALID_ARGUMENT', what);
      }
      const { observation } = await session.step({ ...action(0), shape: [2, 2], data: new Float32Array(4) });
      const resets = countsOf(observation, 2).map((counts) => counts.resets);
      expectSame(resets, [1, 1], 'resets after those that were refused');
    },
  },
];

export const resetRules: readonly Rule[] = [
  {
    id: 'reset.any-time',
    requires: 'a reset starts a new episode at any time',
    section,
    async check(probe) {
      const session = await probe.make();
      await session.reset();
      await session.step(action(0));
      const { step, steps, resets } = countsOfSingle((await session.reset()).observation);
      expectSame([step, steps, resets], [0, 1, 2], 'step, steps, resets after a reset in an episode');
      expectSame((await countsAfterStep(session)).step, 1, 'step after one step');
    },
  },
  {
    id: 'reset.options',
    requires: 'hands options to the simulator; none is told from an empty dict',
    section,
    async check(probe) {
      const session = await probe.make();
      const shown: string[] = [];
      for (const options of [undefined, {}, { start: 'left' }]) {
        const { wire } = await session.reset(options === undefined ? {} : { options });
        shown.push(JSON.stringify(infoValue(wire.infos, 0, 'options') ?? null));
      }
      expectSame(shown, ['null', '{}', '{"start":"left"}'], 'options as the environment saw them');
    },
  },
  {
    id: 'reset.mask',
    requires: 'a mask resets the environments that it names; the others keep their observation',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 3 });
      await session.reset();
      const before = await session.step({ dtype: 'float32', shape: [3, 2], data: new Float32Array(6) });
      const after = await session.reset({ mask: [false, true, false] });
      const [was, is] = [countsOf(before.observation, 3), countsOf(after.observation, 3)];
      expectSame({ ...is[0] }, { ...was[0] }, 'environment 0, not in the mask');
      expectSame({ ...is[2] }, { ...was[2] }, 'environment 2, not in the mask');
      expectSame([is[1]?.step, is[1]?.resets], [0, 2], 'step and resets of environment 1, in the mask');
    },
  },
  {
    id: 'reset.mask-length',
    requires: 'refuses a mask of another length, and one that names none, with INVALID_ARGUMENT',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 2 });
      await session.reset();
      for (const mask of [[true], [true, true, true], [false, false]]) {
        await expectRefusal(session.reset({ mask }), 'INVALID_ARGUMENT', `mask ${JSON.stringify(mask)}`);
      }
    },
  },
  {
    id: 'reset.mask-unborn',
    requires: 'refuses a mask that leaves out an environment which was never reset with NOT_RESET',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 2 });
      await expectRefusal(session.reset({ mask: [true, false] }), 'NOT_RESET', 'first reset with a mask');
    },
  },
];
