/** Sessions of simulators that step many environments at once: each that is listed does what its spec says of it. */
import type { AutoresetMode, BatchSpec } from '@gymwire/protocol';
import { encodeSessionOptions, encodeValue } from '@gymwire/protocol/wire';
import {
  actionsOf,
  batchOf,
  endsIn,
  type ListedBatch,
  makeBatch,
  makeEnding,
  ofEachBatch,
  playToAnEnd,
} from '../batch-play.ts';
import { expectRows, rowOf } from '../batch-rows.ts';
import { expectAccepted, expectRefusal, expectSame, expectThat, expectValue } from '../expectations.ts';
import type { PlayedSession } from '../played-session.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';
import { NotApplicable } from '../verdicts.ts';

const modes: readonly AutoresetMode[] = ['disabled', 'next-step', 'same-step'];

/** Its modes as listed, or as a session has shown where nobody has declared them. */
async function modesOf(
  probe: Probe,
  { spec, batch, numEnvs }: ListedBatch,
): Promise<readonly AutoresetMode[]> {
  if (batch.autoresetModes.length > 0) return batch.autoresetModes;
  return [(await probe.describe({ numEnvs }, spec.id)).autoresetMode];
}

async function makeInMode(probe: Probe, listed: ListedBatch, mode: AutoresetMode): Promise<PlayedSession> {
  const own = await modesOf(probe, listed);
  if (!own.includes(mode)) throw new NotApplicable(`it has ${own.join(', ')}`);
  return makeEnding(probe, listed, { autoresetMode: mode });
}

/** Eight bytes of a seed for each environment. */
const packedSeeds = (count: number) => Buffer.alloc(8 * count, 1);

/** What was refused has moved nothing: the next step has the next number and is carried out. */
async function expectStill(session: PlayedSession, what: string): Promise<void> {
  const { sequence } = session;
  await expectAccepted(session.step(actionsOf(session)), `the step after ${what}`);
  expectSame(session.sequence, sequence + 1, `the number of the step after ${what}`);
}

type Check = (probe: Probe, listed: ListedBatch) => Promise<void>;

const rule = (what: string, requires: string, check: Check, section = 'Batch simulators'): Rule => ({
  id: `batch.${what}`,
  requires,
  section,
  about: 'batch',
  needsCapability: 'batch',
  // A simulator of this kind may take its time to be made, and each one that is listed is played.
  patience: 6,
  check: ofEachBatch(check),
});

export const batchRules: readonly Rule[] = [
  rule(
    'vector-only',
    'a session without num_envs is INVALID_ARGUMENT',
    async (probe, { spec }) =>
      void (await expectRefusal(
        probe.makeBy(encodeSessionOptions({ envId: spec.id })),
        'INVALID_ARGUMENT',
        'a session without num_envs',
      )),
  ),
  rule(
    'num-envs',
    'has the numbers of environments that its spec tells, and no other: INVALID_ARGUMENT; a session says its own',
    async (probe, { spec, batch, numEnvs }) => {
      const made = await probe.describe({ numEnvs }, spec.id);
      const { minNumEnvs, maxNumEnvs } = made.spec.batch ?? {};
      expectSame(
        [made.numEnvs, minNumEnvs, maxNumEnvs],
        [numEnvs, numEnvs, numEnvs],
        'num_envs, min_num_envs, max_num_envs of the session',
      );
      const { minNumEnvs: least = 1, maxNumEnvs: most = Infinity } = batch;
      for (const foreign of [0, least - 1, most + 1]) {
        if (!Number.isFinite(foreign)) continue;
        const asked = { ...encodeSessionOptions({ envId: spec.id }), numEnvs: foreign };
        await expectRefusal(probe.makeBy(asked), 'INVALID_ARGUMENT', `num_envs ${foreign}`);
      }
    },
  ),
  rule(
    'modes',
    'has its own autoreset mode unless told otherwise, all that its spec lists, and no other: INVALID_ARGUMENT',
    async (probe, listed) => {
      const { spec, numEnvs } = listed;
      const own = await modesOf(probe, listed);
      const plain = await probe.describe({ numEnvs }, spec.id);
      expectSame(plain.autoresetMode, own[0], 'autoreset_mode of a session that asked for none');
      for (const autoresetMode of modes) {
        const asked = { numEnvs, autoresetMode };
        if (!own.includes(autoresetMode)) {
          await expectRefusal(
            probe.make(asked, spec.id),
            'INVALID_ARGUMENT',
            `autoreset_mode ${autoresetMode}`,
          );
          continue;
        }
        const told = await expectAccepted(probe.describe(asked, spec.id), `autoreset_mode ${autoresetMode}`);
        expectSame(
          [told.autoresetMode, told.spec.batch?.autoresetModes],
          [autoresetMode, [autoresetMode]],
          'autoreset_mode of the session, autoreset_modes of its spec',
        );
      }
    },
  ),
  rule(
    'as-listed',
    'a session keeps what the list says: its seeding, and last observations and masks where they are listed',
    async (probe, listed) => {
      const { batch } = listed;
      const said = batchOf(await makeBatch(probe, listed));
      expectThat(said.seeding !== undefined, 'the session does not say what becomes of seeds');
      if (batch.seeding !== undefined) expectSame(said.seeding, batch.seeding, 'seeding of the session');
      const hasAll = (name: 'finalObservations' | 'masks') => !batch[name] || said[name];
      expectThat(hasAll('masks'), 'masks are listed, and the session has none');
      expectThat(hasAll('finalObservations'), 'last observations are listed, and the session has none');
    },
  ),
  rule(
    'layout',
    'every array of a reset and of a step has a row for each environment',
    async (probe, listed) => {
      const session = await makeBatch(probe, listed);
      const { observationSpace } = session.description;
      expectRows(
        observationSpace,
        (await session.reset()).observation,
        session.count,
        'observation of a reset',
      );
      const step = await session.step(actionsOf(session));
      expectRows(observationSpace, step.observation, session.count, 'observation of a step');
    },
  ),
  rule(
    'actions',
    'another number of actions, or another structure, is BAD_ACTION, and nothing moves',
    async (probe, listed) => {
      const session = await makeBatch(probe, listed);
      await session.reset();
      const tooMany = session.step(actionsOf(session, session.count + 1));
      await expectRefusal(tooMany, 'BAD_ACTION', 'an action too many');
      await expectRefusal(session.step('left'), 'BAD_ACTION', 'a text for all actions');
      await expectStill(session, 'those');
    },
  ),
  rule(
    'once',
    'a step that is sent again gets the kept reply, and the simulator is not stepped',
    async (probe, listed) => {
      const session = await makeBatch(probe, listed);
      await session.reset();
      const first = await session.step(actionsOf(session));
      const again = await session.step(actionsOf(session), { sequence: session.sequence });
      expectValue(again.observation, first.observation, 'observation of the repeated step');
      expectSame([...again.rewards], [...first.rewards], 'rewards of the repeated step');
    },
    'Sequence numbers: a step happens once at most',
  ),
  rule(
    'disabled',
    'DISABLED: a step after an end is NOT_RESET until what ended is reset',
    async (probe, listed) => {
      const session = await makeInMode(probe, listed, 'disabled');
      await playToAnEnd(session);
      await expectRefusal(session.step(actionsOf(session)), 'NOT_RESET', 'the step after an end');
      await session.reset();
      await expectAccepted(session.step(actionsOf(session)), 'the step after the reset');
    },
    'Autoreset',
  ),
  rule(
    'next-step',
    'NEXT_STEP: the step after the end is the reset: reward 0, neither flag',
    async (probe, listed) => {
      const session = await makeInMode(probe, listed, 'next-step');
      const ended = await playToAnEnd(session);
      const reset = await session.step(actionsOf(session));
      const again = endsIn(reset).filter((i) => ended.includes(i));
      expectSame(again, [], 'environments that ended again in the step after their end');
      expectSame(
        ended.map((i) => reset.rewards[i]),
        ended.map(() => 0),
        'rewards of the step after the end',
      );
    },
    'Autoreset',
  ),
  rule(
    'same-step',
    'SAME_STEP: the step after an end is one of the next episode',
    async (probe, listed) => {
      const session = await makeInMode(probe, listed, 'same-step');
      await playToAnEnd(session);
      const next = await expectAccepted(session.step(actionsOf(session)), 'the step after an end');
      expectRows(
        session.description.observationSpace,
        next.observation,
        session.count,
        'observation after an end',
      );
    },
    'Autoreset',
  ),
  rule(
    'final-observations',
    'SAME_STEP: brings the last observation of all that a step ended, or none ever, as the session says; else none',
    async (probe, listed) => {
      for (const mode of await modesOf(probe, listed)) {
        const session = await makeInMode(probe, listed, mode);
        const { finalObservations } = batchOf(session);
        const { observationSpace } = session.description;
        await playToAnEnd(session, (step, ended) => {
          const { wire } = step;
          const expected = mode === 'same-step' && finalObservations ? ended : [];
          expectSame([...wire.finalEnvIndices], expected, `final_env_indices in ${mode}`);
          if (expected.length > 0)
            expectRows(observationSpace, step.finalObservation, ended.length, 'final_observation');
          else
            expectThat(!wire.finalObservation?.kind, `a final_observation in ${mode}, where none was told`);
        });
      }
    },
  ),
  rule('seeds', 'takes seeds as its session says: RESET, MAKE, or none, which is UNSUPPORTED', checkSeeds),
  rule(
    'masks',
    'a mask resets the environments that it names, where the session has masks; else UNSUPPORTED',
    async (probe, listed) => {
      const session = await makeBatch(probe, listed);
      await session.reset();
      const { observation: before } = await session.step(actionsOf(session));
      if (session.count === 1) throw new NotApplicable('it has one environment, and no mask leaves any out');
      const mask = Array.from({ length: session.count }, (_, i) => i === 0);
      if (!batchOf(session).masks) {
        await expectRefusal(session.reset({ mask }), 'UNSUPPORTED', 'a reset with a mask');
        await expectStill(session, 'a mask');
        return;
      }
      const { observation } = await expectAccepted(session.reset({ mask }), 'a reset with a mask');
      const { observationSpace } = session.description;
      for (let i = 1; i < session.count; i++) {
        expectValue(
          rowOf(observationSpace, observation, i),
          rowOf(observationSpace, before, i),
          `observation of environment ${i}, which the mask leaves out`,
        );
      }
    },
  ),
  rule(
    'step-seeds',
    'no step takes seeds: UNSUPPORTED, and nothing moves',
    async (probe, listed) => {
      const session = await makeBatch(probe, listed);
      await session.reset();
      const nextSeeds = packedSeeds(session.count);
      for (const by of ['stream', 'unary'] as const) {
        const step = session.stepBy({ action: encodeValue(actionsOf(session)), nextSeeds }, { by });
        await expectRefusal(step, 'UNSUPPORTED', `a step with seeds (${by})`);
      }
      await expectStill(session, 'seeds');
    },
    'Seeds with a step',
  ),
];

const refusedSeeds: Readonly<Record<NonNullable<BatchSpec['seeding']>, string | undefined>> = {
  reset: undefined,
  make: 'seeds for some environments, of a simulator that is made anew with them',
  none: 'a seed',
};

async function checkSeeds(probe: Probe, listed: ListedBatch): Promise<void> {
  const session = await makeBatch(probe, listed);
  await session.reset();
  const { seeding = 'reset' } = batchOf(session);
  const what = refusedSeeds[seeding];
  if (what !== undefined && !(seeding === 'make' && session.count === 1)) {
    const some = Array.from({ length: session.count }, (_, i) => (i === 0 ? 7 : null));
    const asked = seeding === 'none' ? { seed: 7 } : { seeds: some };
    await expectRefusal(session.reset(asked), 'UNSUPPORTED', what);
    await expectStill(session, what);
  }
  if (seeding === 'none') return;
  const { observation: first } = await expectAccepted(session.reset({ seed: 7 }), 'a reset with a seed');
  await session.step(actionsOf(session));
  const { observation: again } = await session.reset({ seed: 7 });
  if (!session.description.spec.nondeterministic) expectValue(again, first, 'observation of seed 7, again');
}
