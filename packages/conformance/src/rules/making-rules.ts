import { isTensor, type ValueDict } from '@gymwire/protocol';
import { encodeSessionOptions, encodeValue } from '@gymwire/protocol/wire';
import { envId, maxEpisodeSteps } from '../conformance-env.ts';
import { isDict, show } from '../difference.ts';
import { expectAccepted, expectRefusal, expectSame, expectThat, expectValue } from '../expectations.ts';
import { infoValue } from '../played-replies.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';

const section = 'Making a session';

/** The arguments as the environment saw them. */
async function shownArguments(probe: Probe, given: ValueDict) {
  const session = await expectAccepted(probe.make({ arguments: given }), `arguments ${show(given)}`);
  const shown = infoValue((await session.reset()).wire.infos, 0, 'arguments');
  return isDict(shown) ? shown : undefined;
}

/** Numbers as numbers: whether an int stays an int is for the rules about values. */
function loosely(dict: ValueDict | undefined): string {
  const number = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
  return JSON.stringify(dict ?? null, number);
}

const refused = (probe: Probe, given: ValueDict, code: string) =>
  expectRefusal(probe.make({ arguments: given }), code, `arguments ${show(given)}`);

export const makingRules: readonly Rule[] = [
  {
    id: 'making.defaults',
    requires: 'answers with an id of its own and the defaults filled in',
    section,
    async check(probe) {
      const [first, second] = [await probe.describe(), await probe.describe()];
      expectThat(first.sessionId.length >= 16, 'session_id: expected one that cannot be guessed');
      expectThat(first.sessionId !== second.sessionId, 'session_id: two sessions have the same');
      const { numEnvs, autoresetMode, outOfBoundsRule, renderMode, idleTimeoutMs, spec } = first;
      expectSame(
        [spec.id, numEnvs, autoresetMode, outOfBoundsRule, renderMode],
        [envId, undefined, 'disabled', 'pass', ''],
        'id, num_envs, autoreset_mode, out_of_bounds_rule, render_mode',
      );
      expectThat(idleTimeoutMs > 0, 'idle_timeout_ms: expected a number above 0');
    },
  },
  {
    id: 'making.vector-defaults',
    requires: 'a vector session resets next-step unless told otherwise, and says what it was told',
    section,
    async check(probe) {
      const plain = await probe.describe({ numEnvs: 2 });
      expectSame([plain.numEnvs, plain.autoresetMode], [2, 'next-step'], 'num_envs, autoreset_mode');
      for (const autoresetMode of ['disabled', 'next-step', 'same-step'] as const) {
        const told = await probe.describe({ numEnvs: 2, autoresetMode });
        expectSame(told.autoresetMode, autoresetMode, 'autoreset_mode');
      }
      const rendering = await probe.describe({ renderMode: 'rgb_array', outOfBoundsRule: 'reject' });
      expectSame(
        [rendering.renderMode, rendering.outOfBoundsRule],
        ['rgb_array', 'reject'],
        'render_mode, out_of_bounds_rule',
      );
    },
  },
  {
    id: 'making.vector-of-one',
    requires: 'num_envs 1 is a vector session: its arrays have a leading dimension 1',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 1 });
      expectSame(session.description.numEnvs, 1, 'num_envs');
      const { observation } = await session.reset();
      expectThat(
        isTensor(observation) && observation.shape.join() === '1,5',
        `observation: expected shape [1, 5], got ${show(observation)}`,
      );
    },
  },
  {
    id: 'making.max-episode-steps',
    requires: 'tells the time limit: the spec’s, the one asked for, or none for 0',
    section,
    async check(probe) {
      const limits: Array<number | undefined> = [];
      for (const asked of [undefined, 7, 0]) {
        const { spec } = await probe.describe(asked === undefined ? {} : { maxEpisodeSteps: asked });
        limits.push(spec.maxEpisodeSteps);
      }
      expectSame(limits, [maxEpisodeSteps, 7, undefined], 'max_episode_steps of the session');
    },
  },
  {
    id: 'making.arguments',
    requires: 'hands arguments to the environment, and tells them as the session’s defaults',
    section,
    async check(probe) {
      const given = {
        offsets: [-1e6, 1 / 3],
        reward_scale: -2.5,
        terminate_after: 1_000_000n,
        observation: 'counts',
        info: true,
      };
      const { spec } = await probe.describe({ arguments: given });
      for (const argument of spec.arguments) {
        const name = argument.name as keyof typeof given;
        expectValue(argument.defaultValue, given[name], `the session's ${name}`);
      }
      const { info, terminate_after, reward_scale, observation, offsets } = given;
      const expected = { info, terminate_after, reward_scale, observation, offsets };
      const shown = await shownArguments(probe, given);
      expectSame(loosely(shown), loosely(expected), 'arguments as the environment saw them');
    },
  },
  {
    id: 'making.int-as-float',
    requires: 'takes an int where a float is asked for, and the environment gets a float',
    section,
    async check(probe) {
      const shown = await shownArguments(probe, { reward_scale: 3n, offsets: [1n, -2n] });
      expectValue(shown?.reward_scale, 3, 'reward_scale as the environment saw it');
      expectValue(shown?.offsets, [1, -2], 'offsets as the environment saw them');
    },
  },
  {
    id: 'making.argument-types',
    requires: 'refuses an argument of another type with INVALID_ARGUMENT',
    section,
    async check(probe) {
      const wrong: readonly ValueDict[] = [
        { terminate_after: 3 },
        { terminate_after: '3' },
        { terminate_after: true },
        { info: 1n },
        { info: 'true' },
        { reward_scale: '1' },
        { reward_scale: null },
        { observation: 1n },
        { offsets: 1 },
        { offsets: ['0', '1'] },
      ];
      for (const given of wrong) await refused(probe, given, 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'making.argument-ranges',
    requires: 'refuses an argument outside its range, choices or length with INVALID_ARGUMENT',
    section,
    async check(probe) {
      const wrong: readonly ValueDict[] = [
        { terminate_after: -1n },
        { terminate_after: 1_000_001n },
        { reward_scale: 1000.5 },
        { reward_scale: Number.NaN },
        { reward_scale: Number.POSITIVE_INFINITY },
        { observation: 'everything' },
        { offsets: [0] },
        { offsets: [0, 0, 0] },
        { offsets: [0, 2e6] },
      ];
      for (const given of wrong) await refused(probe, given, 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'making.unknown-argument',
    requires: 'refuses an argument that is not listed with UNKNOWN_ARGUMENT',
    section,
    async check(probe) {
      await refused(probe, { gravity: 9.81 }, 'UNKNOWN_ARGUMENT');
      await refused(probe, { info: true, '': 1n }, 'UNKNOWN_ARGUMENT');
    },
  },
  {
    id: 'making.doubled-argument',
    requires: 'refuses an argument that occurs twice with MALFORMED',
    section: 'Values',
    async check(probe) {
      const entry = { key: 'info', value: encodeValue(true) };
      const twice = probe.makeBy({ envId, arguments: [entry, entry] });
      await expectRefusal(twice, 'MALFORMED', 'the argument info, given twice');
    },
  },
  {
    id: 'making.unknown-env',
    requires: 'refuses an id that is not listed with UNKNOWN_ENV, naming what is served',
    section: 'Errors',
    async check(probe) {
      for (const id of ['', 'Nothing-v0', `module:${envId}`, envId.toLowerCase()]) {
        const { message } = await expectRefusal(
          probe.makeBy(encodeSessionOptions({ envId: id })),
          'UNKNOWN_ENV',
          `env_id ${JSON.stringify(id)}`,
        );
        expectThat(message.includes(envId), `the message should name what is served: ${message}`);
      }
    },
  },
  {
    id: 'making.unknown-modes',
    requires: 'refuses an unknown autoreset mode or out-of-bounds rule with INVALID_ARGUMENT',
    section: 'Errors',
    async check(probe) {
      await expectRefusal(
        probe.makeBy({ envId, numEnvs: 1, autoresetMode: 99 as 1 }),
        'INVALID_ARGUMENT',
        'autoreset_mode 99',
      );
      await expectRefusal(
        probe.makeBy({ envId, outOfBoundsRule: 99 as 1 }),
        'INVALID_ARGUMENT',
        'out_of_bounds_rule 99',
      );
    },
  },
  {
    id: 'making.unknown-render-mode',
    requires: 'refuses a render mode that the spec does not list with UNSUPPORTED',
    section,
    async check(probe) {
      await expectRefusal(probe.make({ renderMode: 'human' }), 'UNSUPPORTED', 'render_mode human');
    },
  },
];
