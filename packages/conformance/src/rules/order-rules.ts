import { action, command } from '../conformance-env.ts';
import { expectRefusal, expectSame } from '../expectations.ts';
import { countsOfSingle } from '../played-replies.ts';
import type { Rule } from '../rule.ts';

const section = 'Resets and steps';

export const orderRules: readonly Rule[] = [
  {
    id: 'order.step-before-reset',
    requires: 'a step before the first reset is NOT_RESET',
    section,
    async check(probe) {
      for (const options of [{}, { numEnvs: 1, autoresetMode: 'same-step' } as const]) {
        const session = await probe.make(options);
        const first = 'numEnvs' in options ? { ...action(0), shape: [1, 2] } : action(0);
        await expectRefusal(session.step(first), 'NOT_RESET', 'a step before the first reset');
      }
    },
  },
  {
    id: 'order.step-after-end',
    requires: 'a step after the end of a single session’s episode is NOT_RESET, and nothing moves',
    section,
    async check(probe) {
      for (const end of [command.terminate, command.truncate]) {
        const session = await probe.make();
        await session.reset();
        await session.step(action(0, end));
        await expectRefusal(session.step(action(0)), 'NOT_RESET', 'a step after the end of the episode');
        const { steps } = countsOfSingle((await session.reset()).observation);
        expectSame(steps, 1, 'steps after the one that was refused');
      }
    },
  },
  {
    id: 'order.render-before-reset',
    requires: 'a render before the first reset is NOT_RESET',
    section: 'Errors',
    async check(probe) {
      const session = await probe.make({ renderMode: 'rgb_array' });
      await expectRefusal(session.render(), 'NOT_RESET', 'a render before the first reset');
    },
  },
];
