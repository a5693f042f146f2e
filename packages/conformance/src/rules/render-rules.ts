import { action, actions } from '../conformance-env.ts';
import { expectRefusal, expectValue } from '../expectations.ts';
import type { Rule } from '../rule.ts';

const section = 'gymwire/Conformance-v0';

/** The picture at a step: 4 high, 6 wide. */
function frameAt(step: number) {
  const pixels = Array.from({ length: 24 }, (_, i) => [step % 256, 10 * Math.floor(i / 6), 10 * (i % 6)]);
  return { dtype: 'uint8', shape: [4, 6, 3], data: Uint8Array.from(pixels.flat()) } as const;
}

export const renderRules: readonly Rule[] = [
  {
    id: 'render.frame',
    requires: 'render is uint8 [height, width, 3] of the current state',
    section,
    async check(probe) {
      const session = await probe.make({ renderMode: 'rgb_array' });
      await session.reset();
      expectValue(await session.render(), frameAt(0), 'the frame after the reset');
      await session.step(action(0));
      expectValue(await session.render(), frameAt(1), 'the frame after a step');
      expectValue(await session.render(0, 'unary'), frameAt(1), 'the frame of a unary render');
    },
  },
  {
    id: 'render.env-index',
    requires: 'render takes the environment’s index; one that is not there is INVALID_ARGUMENT',
    section: 'Errors',
    async check(probe) {
      const session = await probe.make({ renderMode: 'rgb_array', numEnvs: 2 });
      await session.reset();
      await session.step(
        actions([
          [0, 0],
          [0, 0],
        ]),
      );
      expectValue(await session.render(1), frameAt(1), 'the frame of environment 1');
      await expectRefusal(session.render(2), 'INVALID_ARGUMENT', 'environment 2 of 2');
    },
  },
  {
    id: 'render.unsupported',
    requires: 'render without a render mode is UNSUPPORTED',
    section: 'Making a session',
    async check(probe) {
      const session = await probe.make();
      await session.reset();
      await expectRefusal(session.render(), 'UNSUPPORTED', 'a render in a session without render mode');
    },
  },
];
