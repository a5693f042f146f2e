import { type Tensor, type Value } from '@gymwire/protocol';
import { encodeValue } from '@gymwire/protocol/wire';
import { action, actions, command } from '../conformance-env.ts';
import { show } from '../difference.ts';
import { expectAccepted, expectRefusal, expectSame, expectThat } from '../expectations.ts';
import { countsOf, countsOfSingle } from '../played-replies.ts';
import type { PlayedSession } from '../played-session.ts';
import type { MakeOptions, Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';

const section = 'Resets and steps';

async function running(probe: Probe, options: MakeOptions = {}): Promise<PlayedSession> {
  const session = await probe.make(options);
  await session.reset();
  return session;
}

async function expectStill(session: PlayedSession): Promise<void> {
  const { steps } = countsOfSingle((await session.step(action(0))).observation);
  expectSame(steps, 1, 'steps after the actions that were refused and one that was not');
}

const float64Action: Tensor = { dtype: 'float64', shape: [2], data: new Float64Array(2) };
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

export const actionRules: readonly Rule[] = [
  {
    id: 'actions.missing',
    requires: 'a step without an action is MALFORMED',
    section: 'Errors',
    async check(probe) {
      const session = await running(probe);
      await expectRefusal(session.stepBy({}), 'MALFORMED', 'a step without action');
      await expectStill(session);
    },
  },
  {
    id: 'actions.structure',
    requires: 'an action of another structure, shape or dtype is BAD_ACTION, and nothing moves',
    section,
    async check(probe) {
      const session = await running(probe);
      const wrong: readonly Value[] = [
        { ...action(0), shape: [1, 2] },
        { dtype: 'float32', shape: [3], data: new Float32Array(3) },
        float64Action,
        { dtype: 'int32', shape: [2], data: new Int32Array(2) },
        [0, 0],
        { a: 0 },
        0,
        null,
      ];
      for (const value of wrong) {
        await expectRefusal(session.step(value), 'BAD_ACTION', `the action ${show(value)}`);
      }
      await expectStill(session);
    },
  },
  {
    id: 'actions.members',
    requires: 'an action that is no member of its discrete, dict, tuple or text space is BAD_ACTION',
    section,
    async check(probe) {
      const session = await probe.make({ arguments: { observation: 'echo' } });
      const { observation } = await session.reset();
      const good = observation as { readonly [key: string]: Value };
      const { word: _, ...without } = good;
      const wrong: ReadonlyArray<readonly [string, Value]> = [
        ['choice 3 of -2 to 2', { ...good, choice: 3n }],
        ['choice as a float', { ...good, choice: 1 }],
        [
          'gears beyond nvec',
          { ...good, gears: { dtype: 'int64', shape: [2], data: BigInt64Array.of(3n, 0n) } },
        ],
        [
          'flags other than 0 and 1',
          { ...good, flags: { dtype: 'int8', shape: [3], data: Int8Array.of(1, 0, 2) } },
        ],
        ['no word', without],
        ['one key more', { ...good, more: 1n }],
        ['a pair that is a list', { ...good, pair: [] }],
        ['a word that is too long', { ...good, word: 'abab' }],
        ['a word outside its charset', { ...good, word: 'x' }],
      ];
      for (const [what, value] of wrong) await expectRefusal(session.step(value), 'BAD_ACTION', what);
    },
  },
  {
    id: 'actions.batch',
    requires: 'a vector step takes one action an environment, else BAD_ACTION',
    section,
    async check(probe) {
      const session = await running(probe, { numEnvs: 2 });
      const row = [0, 0] as const;
      for (const value of [actions([row]), actions([row, row, row]), action(0)]) {
        await expectRefusal(
          session.step(value),
          'BAD_ACTION',
          `the actions ${show(value)} for 2 environments`,
        );
      }
    },
  },
  {
    id: 'actions.bytes',
    requires: 'a tensor whose bytes do not fit its shape is MALFORMED',
    section: 'Values',
    async check(probe) {
      const session = await running(probe);
      for (const [shape, bytes] of [
        [[2], 7],
        [[2], 12],
        [[2], 0],
        [[2, 2], 8],
      ] as const) {
        const tensor = { dtype: 'D_TYPE_FLOAT32' as const, shape: [...shape], data: Buffer.alloc(bytes) };
        const what = `float32 [${shape.join(', ')}] in ${bytes} bytes`;
        await expectRefusal(session.stepBy({ action: { tensor } }), 'MALFORMED', what);
      }
      await expectStill(session);
    },
  },
  {
    id: 'actions.non-finite',
    requires: 'a NaN or an infinity in an action is NON_FINITE_ACTION, and nothing moves',
    section,
    async check(probe) {
      const session = await running(probe);
      for (const value of [action(nan), action(infinity), action(-infinity), action(0, nan)]) {
        await expectRefusal(session.step(value), 'NON_FINITE_ACTION', `the action ${show(value)}`);
      }
      await expectStill(session);
    },
  },
  {
    id: 'actions.all-before-any',
    requires: 'all actions of a vector step are checked before any environment moves',
    section,
    async check(probe) {
      const session = await running(probe, { numEnvs: 3, outOfBoundsRule: 'reject' });
      const bad = actions([
        [0, 0],
        [0, 0],
        [1.5, 0],
      ]);
      await expectRefusal(
        session.step(bad),
        'ACTION_OUT_OF_BOUNDS',
        'an action beyond bounds in the third row',
      );
      const { observation } = await session.step(
        actions([
          [0, 0],
          [0, 0],
          [0, 0],
        ]),
      );
      const steps = countsOf(observation, 3).map((counts) => counts.steps);
      expectSame(steps, [1, 1, 1], 'steps of the environments after it');
    },
  },
  {
    id: 'actions.pass',
    requires: 'PASS hands a finite action outside the bounds to the simulator as it is',
    section: 'Making a session',
    async check(probe) {
      const session = await running(probe);
      for (const a of [7.5, -1e30]) {
        const step = await expectAccepted(session.step(action(a)), `the action ${a} beyond bounds`);
        expectSame(countsOfSingle(step.observation).a, Math.fround(a), 'a as the environment saw it');
      }
    },
  },
  {
    id: 'actions.reject',
    requires: 'REJECT answers ACTION_OUT_OF_BOUNDS with index, value and bound, and nothing moves',
    section: 'Making a session',
    async check(probe) {
      const session = await running(probe, { outOfBoundsRule: 'reject' });
      for (const [value, index, bound] of [
        [action(1.25), '0', 'high'],
        [action(-1.25), '0', 'low'],
        [action(0, 9), '1', 'high'],
      ] as const) {
        const what = `the action ${show(value)}`;
        const { carried } = await expectRefusal(session.step(value), 'ACTION_OUT_OF_BOUNDS', what);
        const { details = {} } = carried ?? {};
        expectSame(details.index, index, `${what}: index in the details`);
        expectThat(
          'value' in details && bound in details,
          `${what}: expected value and ${bound} in the details, got ${Object.keys(details).join(', ')}`,
        );
      }
      await expectStill(session);
      await expectAccepted(session.step(action(1, -8)), 'an action on its bounds');
      await expectAccepted(session.step(action(-1, command.goOn)), 'an action on its bounds');
    },
  },
];

/** Every way in which a value can be wrong, as the option of a reset. */
const malformedValues: ReadonlyArray<readonly [string, ReturnType<typeof encodeValue>]> = [
  ['a value without content', {}],
  ['a tensor of an unknown dtype', { tensor: { dtype: 99 as 1, shape: [1], data: Buffer.alloc(1) } }],
  ['a tensor without dtype', { tensor: { shape: [1], data: Buffer.alloc(1) } }],
  ['a tensor with too few bytes', { tensor: { dtype: 'D_TYPE_INT32', shape: [2], data: Buffer.alloc(4) } }],
  ['a bool of 2', { tensor: { dtype: 'D_TYPE_BOOL', shape: [1], data: Buffer.of(2) } }],
  ['a scalar of shape [1]', { scalar: { dtype: 'D_TYPE_INT32', shape: [1], data: Buffer.alloc(4) } }],
  ['a list with an empty value', { list: { values: [{}] } }],
  [
    'a dict with a key twice',
    {
      dict: {
        entries: [
          { key: 'x', value: { null: {} } },
          { key: 'x', value: { null: {} } },
        ],
      },
    },
  ],
];

export const malformedRules: readonly Rule[] = [
  {
    id: 'values.malformed',
    requires: 'a value that does not follow the page is MALFORMED',
    section: 'Values',
    async check(probe) {
      const session = await probe.make();
      for (const [what, value] of malformedValues) {
        const reset = session.resetBy({ options: { entries: [{ key: 'x', value }] } });
        await expectRefusal(reset, 'MALFORMED', what);
      }
      await expectAccepted(session.reset({}, { sequence: 1 }), 'a reset afterwards');
    },
  },
];
