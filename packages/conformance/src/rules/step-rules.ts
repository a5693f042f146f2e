import type { ValueDict } from '@gymwire/protocol';
import {
  decodeResetResult,
  decodeSessionDescription,
  decodeStepResult,
  encodeSessionOptions,
} from '@gymwire/protocol/wire';
import { action, actions, command, envId } from '../conformance-env.ts';
import { expectSame, expectThat, expectValue } from '../expectations.ts';
import { countsOf, stepInInfo } from '../played-replies.ts';
import { PlayedSession } from '../played-session.ts';
import type { Rule } from '../rule.ts';

const section = 'Resets and steps';

/** Steps until the episode ends, in whatever way; at most `most`. */
async function lengthOfEpisode(session: PlayedSession, most: number): Promise<number> {
  await session.reset();
  for (let step = 1; step <= most; step++) {
    const { terminated, truncated } = await session.step(action(0));
    if (terminated[0] || truncated[0]) return step;
  }
  return Number.POSITIVE_INFINITY;
}

export const stepRules: readonly Rule[] = [
  {
    id: 'steps.flags',
    requires: 'keeps terminated and truncated apart; both can be true; a time limit truncates',
    section,
    async check(probe) {
      const session = await probe.make();
      const { goOn, terminate, truncate, terminateAndTruncate } = command;
      for (const [what, expected] of [
        [goOn, [false, false]],
        [terminate, [true, false]],
        [truncate, [false, true]],
        [terminateAndTruncate, [true, true]],
      ] as const) {
        await session.reset();
        const { terminated, truncated } = await session.step(action(0, what));
        expectSame([...terminated, ...truncated], expected, `[terminated, truncated] of command ${what}`);
      }
      const limited = await probe.make({ maxEpisodeSteps: 1, arguments: { terminate_after: 0n } });
      await limited.reset();
      const { terminated } = await limited.step(action(0));
      expectSame(terminated[0], false, 'terminated at the time limit');
    },
  },
  {
    id: 'steps.time-limit',
    requires: 'ends an episode after the session’s max_episode_steps, and not before',
    section: 'Making a session',
    async check(probe) {
      const session = await probe.make({ maxEpisodeSteps: 3 });
      expectSame([await lengthOfEpisode(session, 5)], [3], 'length of an episode with max_episode_steps 3');
      expectSame([await lengthOfEpisode(session, 5)], [3], 'length of the next episode');
    },
  },
  {
    id: 'steps.reward-float64',
    requires: 'carries rewards as float64, to the last bit',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 2, arguments: { reward_scale: 0.7 } });
      await session.reset();
      for (let step = 1; step <= 3; step++) {
        const [a, b] = [0.25, Math.fround(-0.1)];
        const { rewards } = await session.step(
          actions([
            [a, 0],
            [b, 0],
          ]),
        );
        const expected = [0.7 * (step / 3 - a), 0.7 * (step / 3 - b)];
        expectSame([...rewards], expected, `rewards of step ${step}`);
      }
    },
  },
  {
    id: 'steps.layout',
    requires:
      'sends 8 bytes of reward and a byte 0 or 1 for each flag an environment, and the request’s number',
    section,
    async check(probe) {
      for (const numEnvs of [undefined, 1, 3]) {
        const session = await probe.make(numEnvs === undefined ? {} : { numEnvs });
        const reset = await session.reset({}, { sequence: 1 });
        expectSame(reset.wire.sequence, 1, 'sequence of the first reset');
        const rows = actions(Array.from({ length: numEnvs ?? 1 }, () => [0, command.terminate] as const));
        const { wire } = await session.step(numEnvs === undefined ? action(0, command.terminate) : rows);
        const count = numEnvs ?? 1;
        expectSame(
          [wire.sequence, wire.rewards.length, wire.terminated.length, wire.truncated.length],
          [2, 8 * count, count, count],
          'sequence, bytes of rewards, terminated, truncated',
        );
        const flags = [...wire.terminated, ...wire.truncated];
        expectThat(
          flags.every((flag) => flag === 0 || flag === 1),
          `flags: expected bytes 0 or 1, got ${flags.join(', ')}`,
        );
      }
    },
  },
  {
    id: 'steps.observation',
    requires: 'hands every action to its environment, and its observation back, in order',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 3 });
      await session.reset();
      for (let step = 1; step <= 3; step++) {
        const row = [0.125 * step, -0.5, 1 / 1024];
        const { observation } = await session.step(actions(row.map((a) => [a, 0] as const)));
        const counts = countsOf(observation, 3);
        expectSame(
          counts.map((one) => [one.step, one.steps, one.a]),
          row.map((a) => [step, step, a]),
          `[step, steps, a] of each environment in step ${step}`,
        );
      }
    },
  },
  {
    id: 'steps.infos',
    requires: 'sends infos by environment index and leaves empty ones out',
    section,
    async check(probe) {
      const session = await probe.make({ numEnvs: 2 });
      const start = await session.reset();
      const named = start.wire.infos.map(({ envIndex }) => envIndex);
      expectSame(named, [0, 1], 'environments with an info after a reset');
      const { wire } = await session.step(
        actions([
          [0, 0],
          [0, 0],
        ]),
      );
      expectSame(
        [0, 1].map((i) => stepInInfo(wire.infos, i)),
        [1, 1],
        'step in each environment’s info',
      );
      const silent = await probe.make({ numEnvs: 2, arguments: { info: false } });
      const reset = await silent.reset();
      const step = await silent.step(
        actions([
          [0, 0],
          [0, 0],
        ]),
      );
      expectSame([reset.wire.infos.length, step.wire.infos.length], [0, 0], 'infos of environments without');
    },
  },
  {
    id: 'steps.packed-infos',
    requires: 'packs infos only for clients that accept it, and they are the same infos',
    section,
    async check(probe) {
      const request = encodeSessionOptions({ envId, numEnvs: 3 });
      const accepting = await probe.makeBy({ ...request, acceptsPackedInfos: true });
      const sessions = [
        await probe.make({ numEnvs: 3 }),
        new PlayedSession(probe.client, decodeSessionDescription(accepting)),
      ] as const;
      const own = actions(Array.from({ length: 3 }, () => [0, 0] as const));
      const seen = [];
      for (const session of sessions) {
        const [reset, step] = [(await session.reset({ seed: 5 })).wire, (await session.step(own)).wire];
        const packed = [reset.packedInfos, step.packedInfos, step.packedFinalInfos].flat().length;
        const infos = [decodeResetResult(reset, 3).infos, decodeStepResult(step, 3).infos];
        seen.push({ packed, infos: infos.map((one): ValueDict => Object.fromEntries(one)) });
      }
      const [plain, other] = seen;
      expectSame(plain.packed, 0, 'packed infos, which this client did not say that it accepts');
      expectValue(other.infos, plain.infos, 'infos of a reset and a step where packed ones are accepted');
    },
  },
  {
    id: 'steps.same-seed-same-episode',
    requires: 'equal seeds and actions give equal episodes, alone or in a batch',
    section,
    async check(probe) {
      const [together, alone] = [await probe.make({ numEnvs: 2 }), await probe.make()];
      await together.reset({ seeds: [4, 9] });
      await alone.reset({ seed: 9 });
      for (let step = 1; step <= 3; step++) {
        const batch = await together.step(
          actions([
            [0.5, 0],
            [step / 8, 0],
          ]),
        );
        const single = await alone.step(action(step / 8));
        const row = { ...(single.observation as object), shape: [1, 5] } as typeof single.observation;
        const [expected] = countsOf(row, 1);
        expectSame({ ...countsOf(batch.observation, 2)[1] }, { ...expected }, `observation of step ${step}`);
        expectValue(batch.rewards[1], single.rewards[0] ?? 0, `reward of step ${step}`);
      }
    },
  },
];
