import { everyType, nested } from '../conformance-env.ts';
import { expectAccepted, expectRefusal, expectValue } from '../expectations.ts';
import { infoValue } from '../played-replies.ts';
import type { Rule } from '../rule.ts';

export const valueRules: readonly Rule[] = [
  {
    id: 'values.types',
    requires: 'values of every type keep it, bit for bit, in infos and in options that are shown there',
    section: 'Values',
    async check(probe) {
      const session = await probe.make();
      const { wire } = await session.reset({ options: everyType });
      expectValue(infoValue(wire.infos, 0, 'types'), everyType, 'types');
      expectValue(infoValue(wire.infos, 0, 'options'), everyType, 'options');
    },
  },
  {
    id: 'values.depth',
    requires: 'values nest 32 levels deep, not deeper: MALFORMED',
    section: 'Values',
    async check(probe) {
      const session = await probe.make();
      const deep = await expectAccepted(
        session.reset({ options: { x: nested('deep', 28) } }),
        'a value in 28 lists',
      );
      expectValue(infoValue(deep.wire.infos, 0, 'options'), { x: nested('deep', 28) }, 'options');
      const tooDeep = { entries: [{ key: 'x', value: nestedMessage(36) }] };
      await expectRefusal(session.resetBy({ options: tooDeep }), 'MALFORMED', 'a value in 36 lists');
    },
  },
];

type Message = { int?: string; list?: { values: Message[] } };

/** Returns nested lists as a message: our own encoder refuses it. */
function nestedMessage(levels: number): Message {
  return levels === 0 ? { int: '1' } : { list: { values: [nestedMessage(levels - 1)] } };
}
