import { action, command } from '../conformance-env.ts';
import { expectAccepted, expectRefusal, expectSame, expectThat } from '../expectations.ts';
import { countsOfSingle, type PlayedStep } from '../played-replies.ts';
import type { PlayedSession } from '../played-session.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';

const section = 'Sequence numbers: a step happens once at most';

async function running(probe: Probe): Promise<PlayedSession> {
  const session = await probe.make();
  await session.reset();
  return session;
}

const stepsOf = ({ observation }: Pick<PlayedStep, 'observation'>) => countsOfSingle(observation).steps;

export const sequenceRules: readonly Rule[] = [
  {
    id: 'sequence.retry-step',
    requires: 'a step with the last number gets the kept reply again and moves nothing',
    section,
    async check(probe) {
      const session = await running(probe);
      for (const by of ['stream', 'unary'] as const) {
        const first = await session.step(action(0.5), { by });
        const again = await session.step(action(0.5), { by, sequence: session.sequence });
        expectSame(stepsOf(again), stepsOf(first), `steps in the repeated reply (${by})`);
        expectSame(again.wire.sequence, first.wire.sequence, `sequence of the repeated reply (${by})`);
      }
      expectSame(stepsOf(await session.step(action(0))), 3, 'steps after two steps that were sent twice');
    },
  },
  {
    id: 'sequence.retry-reset',
    requires: 'a reset with the last number gets the kept reply again and starts nothing',
    section,
    async check(probe) {
      const session = await running(probe);
      const again = await session.reset({}, { sequence: session.sequence });
      expectSame(countsOfSingle(again.observation).resets, 1, 'resets in the repeated reply');
      const next = await session.step(action(0));
      expectSame(countsOfSingle(next.observation).resets, 1, 'resets after one reset that was sent twice');
    },
  },
  {
    id: 'sequence.retry-under-way',
    requires: 'a repeated request waits for the one that is still under way and gets its reply',
    section,
    async check(probe) {
      const session = await running(probe);
      const slow = session.step(action(0, command.takeTime), { by: 'unary', sequence: 2 });
      const again = session.step(action(0, command.takeTime), { by: 'unary', sequence: 2 });
      const replies = await Promise.all([slow, again]);
      expectSame(replies.map(stepsOf), [1, 1], 'steps in both replies');
    },
  },
  {
    id: 'sequence.bad',
    requires: 'any other number is BAD_SEQUENCE, with expected and got in the details, and nothing moves',
    section,
    async check(probe) {
      const session = await running(probe);
      await session.step(action(0));
      for (const sequence of [1, 4, 1000, 2 ** 32 - 1]) {
        const what = `a step with number ${sequence} where 3 is due`;
        const { carried } = await expectRefusal(session.step(action(0), { sequence }), 'BAD_SEQUENCE', what);
        const { expected, got } = carried?.details ?? {};
        expectSame([expected, got], ['3', String(sequence)], 'details expected and got');
        await expectRefusal(
          session.reset({}, { sequence }),
          'BAD_SEQUENCE',
          `a reset with number ${sequence}`,
        );
      }
      expectSame(
        stepsOf(await session.step(action(0), { sequence: 3 })),
        2,
        'steps of the step with number 3',
      );
    },
  },
  {
    id: 'sequence.other-kind',
    requires: 'the last number with another kind of request is BAD_SEQUENCE',
    section,
    async check(probe) {
      const session = await running(probe);
      await expectRefusal(
        session.step(action(0), { sequence: 1 }),
        'BAD_SEQUENCE',
        'a step with the number of a reset',
      );
      await session.step(action(0));
      await expectRefusal(
        session.reset({}, { sequence: 2 }),
        'BAD_SEQUENCE',
        'a reset with the number of a step',
      );
    },
  },
  {
    id: 'sequence.failed-takes-none',
    requires: 'a request that fails does not take its number',
    section,
    async check(probe) {
      const session = await running(probe);
      const bad = { ...action(0), shape: [1, 2] };
      await expectRefusal(session.step(bad, { sequence: 2 }), 'BAD_ACTION', 'an action of shape [1, 2]');
      await expectAccepted(
        session.step(action(0), { sequence: 2 }),
        'number 2, after a request with it failed',
      );
      await expectRefusal(
        session.reset({ mask: [true, true] }, { sequence: 3 }),
        'INVALID_ARGUMENT',
        'a mask of two',
      );
      await expectAccepted(session.reset({}, { sequence: 3 }), 'number 3, after a request with it failed');
    },
  },
  {
    id: 'sequence.unnumbered',
    requires: 'number 0 is carried out at once, and counts',
    section,
    async check(probe) {
      const session = await running(probe);
      const replies = [
        await session.step(action(0), { sequence: 0 }),
        await session.step(action(0), { sequence: 0 }),
      ];
      expectSame(replies.map(stepsOf), [1, 2], 'steps of two unnumbered steps');
      expectSame(
        replies.map(({ wire }) => wire.sequence),
        [2, 3],
        'sequence in the replies',
      );
      await expectAccepted(session.step(action(0), { sequence: 4 }), 'number 4 after them');
    },
  },
  {
    id: 'sequence.shared',
    requires: 'unary calls and the stream count together, and act on the same session',
    section: 'A client’s walk',
    async check(probe) {
      const session = await probe.make();
      await session.reset({}, { by: 'unary' });
      const steps = [
        await session.step(action(0), { by: 'stream', sequence: 2 }),
        await session.step(action(0), { by: 'unary', sequence: 3 }),
        await session.step(action(0), { by: 'stream', sequence: 4 }),
      ];
      expectSame(steps.map(stepsOf), [1, 2, 3], 'steps of stream, unary, stream');
    },
  },
  {
    id: 'sequence.one-at-a-time',
    requires: 'requests of one session never overlap, whichever way they come',
    section,
    async check(probe) {
      const session = await running(probe);
      const slow = session.step(action(0, command.takeTime), { by: 'unary', sequence: 0 });
      const quick = session.step(action(0), { by: 'unary', sequence: 0 });
      const replies = await Promise.all([slow, quick]);
      const order = replies.map(({ wire }) => wire.sequence).toSorted((a, b) => a - b);
      expectSame(order, [2, 3], 'sequence numbers of two unnumbered steps at once');
      expectThat(
        replies.every((reply) => stepsOf(reply) === reply.wire.sequence - 1),
        `steps do not go with the numbers: ${replies.map(stepsOf).join(', ')}`,
      );
    },
  },
];
