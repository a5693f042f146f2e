import { Tuple, type Value } from '@gymwire/protocol';
import {
  action,
  actions,
  calledMethod,
  everyType,
  failMessages,
  readAttributes,
} from '../conformance-env.ts';
import { expectAccepted, expectRefusal, expectSame, expectThat, expectValue } from '../expectations.ts';
import type { PlayedSession } from '../played-session.ts';
import type { Rule } from '../rule.ts';

const section = 'Methods and attributes';
const needsCapability = 'calls';

const echoesOf = async (session: PlayedSession) => (await session.read('echoes')).map(String);

export const callRules: readonly Rule[] = [
  {
    id: 'calls.listed',
    requires: 'the spec lists what may be called and read, and a session’s spec too',
    section,
    needsCapability,
    async check(probe) {
      const { spec } = await probe.describe();
      expectSame(
        [spec.methods, spec.attributes],
        [[calledMethod], [...readAttributes]],
        'methods and attributes of the session’s spec',
      );
    },
  },
  {
    id: 'calls.values',
    requires: 'arguments and results keep their types; keyword arguments reach the method',
    section,
    needsCapability,
    async check(probe) {
      const session = await probe.make();
      const given = [...Object.values(everyType), new Tuple([everyType['dict'] ?? null])];
      const keywords = { b: 1n, a: [1, everyType['tensors'] ?? null] };
      for (const by of ['stream', 'unary'] as const) {
        const { results } = await session.call(calledMethod, given, { by });
        expectSame(results.length, 1, `results of one environment (${by})`);
        expectValue(results[0], given, `the result (${by})`);
        const named = await session.call(calledMethod, [2n], { by, keywordArguments: keywords });
        expectValue(named.results[0], [2n, keywords], `the result with keyword arguments (${by})`);
      }
      expectValue((await session.call(calledMethod, [])).results[0], [], 'the result without arguments');
    },
  },
  {
    id: 'calls.in-order',
    requires: 'calls and reads are answered in order with resets and steps, before the first reset too',
    section,
    needsCapability,
    async check(probe) {
      const session = await probe.make();
      expectValue((await session.read('steps'))[0], 0n, 'steps before the first reset');
      await session.call(calledMethod, []);
      await session.reset();
      await session.step(action(0));
      expectValue((await session.read('steps'))[0], 1n, 'steps after a step');
      expectValue((await session.read('steps', { by: 'unary' }))[0], 1n, 'steps by a unary read');
      expectValue((await session.read('echoes'))[0], 1n, 'calls before the first reset');
      const slow = session.call(calledMethod, ['slow'], { by: 'unary', sequence: 0 });
      const step = session.step(action(0), { by: 'unary', sequence: 0 });
      const numbers = (await Promise.all([slow, step])).map(({ wire }) => wire.sequence);
      expectSame(
        numbers.toSorted((a, b) => a - b),
        [4, 5],
        'sequence numbers of a call and a step at once',
      );
    },
  },
  {
    id: 'calls.unlisted',
    requires: 'a name that is not listed as a method, or as an attribute, is UNSUPPORTED',
    section,
    needsCapability,
    async check(probe) {
      const session = await probe.make();
      for (const name of ['', '_state', '__class__', 'constructor', 'reset', 'step', 'close', 'steps']) {
        const what = `a call of ${JSON.stringify(name)}`;
        await expectRefusal(session.call(name, []), 'UNSUPPORTED', what);
        await expectRefusal(session.call(name, [], { by: 'unary' }), 'UNSUPPORTED', `${what}, unary`);
      }
      for (const name of ['', '_state', '__dict__', 'observation_space', 'unwrapped.steps', calledMethod]) {
        await expectRefusal(session.read(name), 'UNSUPPORTED', `a read of ${JSON.stringify(name)}`);
      }
      await expectAccepted(session.reset({}, { sequence: 1 }), 'the first number, after calls were refused');
    },
  },
  {
    id: 'calls.environments',
    requires: 'calls and reads all environments of a vector session, or those that env_indices names',
    section,
    needsCapability,
    async check(probe) {
      const session = await probe.make({ numEnvs: 3 });
      await session.reset();
      await session.step(
        actions([
          [0, 0],
          [0, 0],
          [0, 0],
        ]),
      );
      expectSame((await session.read('steps')).map(String), ['1', '1', '1'], 'steps of all');
      const all: Value[] = [[7n], [7n], [7n]];
      expectValue((await session.call(calledMethod, [7n])).results, all, 'results of all');
      const some = await session.call(calledMethod, [8n], { envIndices: [0, 2] });
      expectValue(some.results, [[8n], [8n]], 'results of environments 0 and 2');
      expectSame(await echoesOf(session), ['2', '1', '2'], 'calls of each environment');
      const read = await session.read('echoes', { envIndices: [1] });
      expectValue(read, [1n], 'what was read of environment 1');
      for (const envIndices of [[3], [1, 1], [1, 0]]) {
        const what = `environments ${envIndices.join(', ')} of 3`;
        await expectRefusal(session.call(calledMethod, [], { envIndices }), 'INVALID_ARGUMENT', what);
        await expectRefusal(session.read('steps', { envIndices }), 'INVALID_ARGUMENT', what);
      }
      expectSame(await echoesOf(session), ['2', '1', '2'], 'calls of each environment after refusals');
    },
  },
  {
    id: 'calls.once',
    requires: 'a call counts with steps; with the last number it gets the kept reply, and calls nothing',
    section,
    needsCapability,
    async check(probe) {
      const session = await probe.make();
      for (const by of ['stream', 'unary'] as const) {
        const first = await session.call(calledMethod, [by], { by });
        const again = await session.call(calledMethod, [by], { by, sequence: session.sequence });
        expectValue(again.results, [...first.results], `the repeated reply (${by})`);
        expectSame(again.wire.sequence, first.wire.sequence, `sequence of the repeated reply (${by})`);
      }
      expectSame(await echoesOf(session), ['2'], 'calls, after two that were sent twice');
      for (const sequence of [1, 4]) {
        const what = `a call with number ${sequence} where 3 is due`;
        await expectRefusal(session.call(calledMethod, [], { sequence }), 'BAD_SEQUENCE', what);
      }
      const what = 'a reset with the number of a call';
      await expectRefusal(session.reset({}, { sequence: 2 }), 'BAD_SEQUENCE', what);
      await expectAccepted(session.reset({}, { sequence: 3 }), 'a reset with the number after a call’s');
    },
  },
  {
    id: 'calls.fault',
    requires: 'a method that fails is answered with its fault, took its number, and the episode goes on',
    section,
    needsCapability,
    async check(probe) {
      const session = await probe.make();
      await session.reset();
      await session.step(action(0));
      const { fault, wire } = await session.call(calledMethod, ['fail'], { sequence: 3 });
      expectSame(
        [fault?.code, wire.sequence, wire.results.length],
        ['ENV_FAILED', 3, 0],
        'the fault, its number',
      );
      const says = fault?.message ?? '';
      expectThat(
        says.includes(failMessages.echo),
        `the fault: expected the simulator's own message (${failMessages.echo}), got ${says}`,
      );
      await expectAccepted(session.step(action(0), { sequence: 4 }), 'a step after a method failed');
      expectSame(await echoesOf(session), ['1'], 'calls, with the one that failed');
    },
  },
];
