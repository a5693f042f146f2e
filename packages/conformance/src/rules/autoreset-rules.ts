/** The table "Autoreset" of docs/protocol.md: the same two episodes in each mode. */
import type { AutoresetMode } from '@gymwire/protocol';
import { actions, command } from '../conformance-env.ts';
import { expectAccepted, expectRefusal, expectSame, expectThat } from '../expectations.ts';
import { countsOf, infoValue, type PlayedStep, stepInInfo } from '../played-replies.ts';
import type { PlayedSession } from '../played-session.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';

const section = 'Autoreset';
const { goOn, terminate, truncate } = command;

/** A reward of `step` for the step `step`, which float32 holds as well. */
const wholeRewards = { reward_scale: 3 };

async function start(probe: Probe, autoresetMode: AutoresetMode, numEnvs: number): Promise<PlayedSession> {
  const session = await probe.make({ numEnvs, autoresetMode, arguments: wholeRewards });
  await session.reset();
  return session;
}

/** The two steps before the end, and the end, of environment 0; the others go on. */
async function playToEnd(session: PlayedSession, end: number): Promise<PlayedStep> {
  const rows = (what: number) =>
    actions(Array.from({ length: session.count }, (_, i) => [0, i === 0 ? what : goOn] as const));
  await session.step(rows(goOn));
  await session.step(rows(goOn));
  return session.step(rows(end));
}

/** [step, steps, resets] of each environment. */
const seen = ({ observation }: { readonly observation: PlayedStep['observation'] }, count: number) =>
  countsOf(observation, count).map(({ step, steps, resets }) => [step, steps, resets]);

/** Which environments' episodes a step ended; how is another rule's concern. */
const endsOf = ({ terminated, truncated }: PlayedStep) => terminated.map((flag, i) => flag || truncated[i]);

export const autoresetRules: readonly Rule[] = [
  {
    id: 'autoreset.disabled',
    requires: 'DISABLED: the end has the last observation, a step after it is NOT_RESET, a reset goes on',
    section,
    async check(probe) {
      const session = await start(probe, 'disabled', 1);
      const end = await playToEnd(session, terminate);
      expectSame(seen(end, 1), [[3, 3, 1]], '[step, steps, resets] in the step of the end');
      expectSame([endsOf(end), [...end.rewards]], [[true], [3]], 'ended, reward of the end');
      await expectRefusal(session.step(actions([[0, goOn]])), 'NOT_RESET', 'the step after the end');
      expectSame(seen(await session.reset(), 1), [[0, 3, 2]], '[step, steps, resets] after the reset');
      const next = await session.step(actions([[0, goOn]]));
      expectSame(seen(next, 1), [[1, 4, 2]], '[step, steps, resets] of the next step');
    },
  },
  {
    id: 'autoreset.disabled-waits',
    requires: 'DISABLED: no environment can be stepped until the ended ones are reset',
    section,
    async check(probe) {
      const session = await start(probe, 'disabled', 2);
      await playToEnd(session, truncate);
      const both = actions([
        [0, goOn],
        [0, goOn],
      ]);
      await expectRefusal(session.step(both), 'NOT_RESET', 'a step with one environment at its end');
      await session.reset();
      expectSame(seen(await session.step(both), 2)[1], [1, 4, 2], '[step, steps, resets] of the other one');
    },
  },
  {
    id: 'autoreset.next-step',
    requires: 'NEXT_STEP: the step after the end ignores its action and is the reset: reward 0, neither flag',
    section,
    async check(probe) {
      const session = await start(probe, 'next-step', 1);
      const end = await playToEnd(session, terminate);
      expectSame(seen(end, 1), [[3, 3, 1]], '[step, steps, resets] in the step of the end');
      expectSame([endsOf(end), [...end.rewards]], [[true], [3]], 'ended, reward of the end');
      const between = await session.step(actions([[0.5, terminate]]));
      expectSame(seen(between, 1), [[0, 3, 2]], '[step, steps, resets] in the step after the end');
      expectSame([endsOf(between), [...between.rewards]], [[false], [0]], 'ended, reward of the step after');
      const next = await session.step(actions([[0, goOn]]));
      expectSame(seen(next, 1), [[1, 4, 2]], '[step, steps, resets] of the next step');
    },
  },
  {
    id: 'autoreset.next-step-any-action',
    requires: 'NEXT_STEP: an action that will be ignored need only be there',
    section: 'Resets and steps',
    async check(probe) {
      const session = await start(probe, 'next-step', 1);
      await playToEnd(session, terminate);
      const ignored = session.step(actions([[Number.NaN, Number.POSITIVE_INFINITY]]));
      await expectAccepted(ignored, 'NaN in an action that is ignored');
    },
  },
  {
    id: 'autoreset.same-step',
    requires:
      'SAME_STEP: the end brings the next episode’s first observation with the end’s reward and flags',
    section,
    async check(probe) {
      const session = await start(probe, 'same-step', 1);
      const end = await playToEnd(session, terminate);
      expectSame(seen(end, 1), [[0, 3, 2]], '[step, steps, resets] in the step of the end');
      expectSame([endsOf(end), [...end.rewards]], [[true], [3]], 'ended, reward of the end');
      const next = await session.step(actions([[0, goOn]]));
      expectSame(seen(next, 1), [[1, 4, 2]], '[step, steps, resets] of the next step');
      expectSame([endsOf(next), [...next.rewards]], [[false], [1]], 'ended, reward of the next step');
    },
  },
  {
    id: 'autoreset.final-observation',
    requires: 'SAME_STEP: final_observation has the last observation of each of final_env_indices',
    section,
    async check(probe) {
      const session = await start(probe, 'same-step', 3);
      await session.step(
        actions([
          [0, goOn],
          [0, goOn],
          [0, goOn],
        ]),
      );
      const end = await session.step(
        actions([
          [0.25, truncate],
          [0.5, goOn],
          [0.75, terminate],
        ]),
      );
      expectSame(end.wire.finalEnvIndices, [0, 2], 'final_env_indices');
      const last = countsOf(end.finalObservation, 2).map(({ step, steps, resets, a }) => [
        step,
        steps,
        resets,
        a,
      ]);
      expectSame(
        last,
        [
          [2, 2, 1, 0.25],
          [2, 2, 1, 0.75],
        ],
        '[step, steps, resets, a] in final_observation',
      );
    },
  },
  {
    id: 'autoreset.final-infos',
    requires: 'SAME_STEP: final_infos are the ended step’s infos, infos those of the reset',
    section,
    async check(probe) {
      const session = await start(probe, 'same-step', 2);
      const { wire } = await playToEnd(session, terminate);
      const ofReset = infoValue(wire.infos, 0, 'arguments') !== undefined;
      expectThat(ofReset && stepInInfo(wire.infos) < 0, 'infos[0]: expected the info of the reset');
      expectSame(stepInInfo(wire.infos, 1), 3, 'step in infos[1], which goes on');
      const named = wire.finalInfos.map(({ envIndex }) => envIndex);
      expectSame(named, [0], 'environments in final_infos');
      expectSame(stepInInfo(wire.finalInfos), 3, 'step in final_infos[0]');
    },
  },
  {
    id: 'autoreset.final-only-at-ends',
    requires: 'final fields come with SAME_STEP and in steps that end an episode, never else',
    section,
    async check(probe) {
      const checkAbsent = ({ wire }: PlayedStep, where: string) =>
        expectSame(
          [wire.finalEnvIndices.length, wire.finalObservation === null, wire.finalInfos.length],
          [0, true, 0],
          `final_env_indices, final_observation absent, final_infos ${where}`,
        );
      for (const mode of ['disabled', 'next-step'] as const) {
        checkAbsent(await playToEnd(await start(probe, mode, 1), terminate), `of an end in ${mode}`);
      }
      const session = await start(probe, 'same-step', 1);
      checkAbsent(await session.step(actions([[0, goOn]])), 'of a step in an episode');
    },
  },
  {
    id: 'autoreset.others-go-on',
    requires: 'an end resets its own environment only',
    section,
    async check(probe) {
      for (const mode of ['next-step', 'same-step'] as const) {
        const session = await start(probe, mode, 2);
        await playToEnd(session, truncate);
        const next = await session.step(
          actions([
            [0, goOn],
            [0, goOn],
          ]),
        );
        expectSame(seen(next, 2)[1], [4, 4, 1], `[step, steps, resets] of the other environment in ${mode}`);
      }
    },
  },
];
