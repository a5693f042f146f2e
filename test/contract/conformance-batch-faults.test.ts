/** Servers that lie about a batch simulator, one fault each: the rule about it must fail, and no other of them. */
import { runConformance } from '@gymwire/conformance';
import { GymwireError } from '@gymwire/protocol';
import type { wire } from '@gymwire/protocol/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Fault, failedCall, type SessionNotes, startFaultyServer } from '../support/faulty-server.ts';

const envId = 'Pendulum-v1';

type WireBatch = NonNullable<NonNullable<wire.MakeSessionResponse['spec']>['batch']>;

const listed = (): WireBatch => ({
  autoresetModes: ['AUTORESET_MODE_NEXT_STEP', 'AUTORESET_MODE_SAME_STEP', 'AUTORESET_MODE_DISABLED'],
  minNumEnvs: 2,
  maxNumEnvs: 4,
  finalObservations: true,
  seeding: 'BATCH_SEEDING_RESET',
  masks: true,
});

const isBatch = ({ made }: SessionNotes) => made.spec?.id === envId && made.numEnvs !== undefined;
const refused = (what: string) => failedCall(new GymwireError('INVALID_ARGUMENT', what));

/** One of this server's environments as if it were a batch, without a fault. */
const pretence = {
  greeted({ capabilities }) {
    capabilities.push('batch');
  },
  listed({ envs }) {
    for (const spec of envs) if (spec.id === envId) spec.batch = listed();
  },
  make({ envId: asked, numEnvs }) {
    if (asked !== envId) return;
    if (typeof numEnvs !== 'number' || numEnvs < 2 || numEnvs > 4) throw refused(`num_envs: got ${numEnvs}`);
  },
  made(reply) {
    if (reply.spec?.id !== envId) return;
    const { autoresetMode, numEnvs = 0 } = reply;
    const own = { autoresetModes: [autoresetMode ?? 0], minNumEnvs: numEnvs, maxNumEnvs: numEnvs };
    reply.spec.batch = { ...listed(), ...own };
  },
  refuse({ step }, notes) {
    if (!isBatch(notes) || (step?.nextSeeds?.length ?? 0) === 0) return undefined;
    return new GymwireError('UNSUPPORTED', 'steps of a batch simulator take no seeds');
  },
} satisfies Partial<Fault>;

/** Told of the session that the go-between made. */
function batchOf(reply: wire.MakeSessionResponse): WireBatch {
  pretence.made(reply);
  return reply.spec?.batch ?? listed();
}

const ends = (notes: SessionNotes) => notes.ended.some((flag) => flag);

const faults: ReadonlyArray<Omit<Fault, 'breaks'> & { readonly breaks: `batch.${string}` }> = [
  {
    name: 'makes a single session of it',
    breaks: 'batch.vector-only',
    make(request) {
      if (request.numEnvs === undefined || request.numEnvs === null) return;
      pretence.make(request);
    },
  },
  {
    name: 'makes another number of environments than there can be',
    breaks: 'batch.num-envs',
    make(request) {
      if (request.numEnvs !== 5) pretence.make(request);
    },
  },
  {
    name: 'does not say how many a session has',
    breaks: 'batch.num-envs',
    made(reply) {
      batchOf(reply).maxNumEnvs = 4;
    },
  },
  {
    name: 'says nothing of the mode of a session',
    breaks: 'batch.modes',
    made(reply) {
      batchOf(reply).autoresetModes = [];
    },
  },
  {
    name: 'takes any mode',
    breaks: 'batch.modes',
    listed({ envs }) {
      pretence.listed({ envs });
      for (const { batch } of envs) if (batch) batch.autoresetModes = ['AUTORESET_MODE_NEXT_STEP'];
    },
  },
  {
    name: 'lists another seeding than its sessions have',
    breaks: 'batch.as-listed',
    listed({ envs }) {
      pretence.listed({ envs });
      for (const { batch } of envs) if (batch) batch.seeding = 'BATCH_SEEDING_MAKE';
    },
  },
  {
    name: 'answers a reset with a row too few',
    breaks: 'batch.layout',
    resetReply(reply, notes) {
      const tensor = reply.observation?.tensor;
      if (!isBatch(notes) || !tensor || notes.lastSequence !== 1) return;
      tensor.shape[0] = String(Number(tensor.shape[0]) - 1) as never;
      tensor.data = tensor.data.subarray(
        0,
        (tensor.data.length / notes.made.numEnvs!) * (notes.made.numEnvs! - 1),
      );
    },
  },
  {
    name: 'has no code for actions of another structure',
    breaks: 'batch.actions',
    refuse(request, notes) {
      const { step } = request;
      const isText = typeof step?.action?.string === 'string';
      return isBatch(notes) && isText
        ? new GymwireError('INTERNAL', 'what is that?')
        : pretence.refuse(request, notes);
    },
  },
  {
    name: 'steps once more when a step is repeated',
    breaks: 'batch.once',
    step(request, { lastSequence, lastKind }) {
      if (lastKind === 'step' && request.sequence === lastSequence) request.sequence = 0;
    },
  },
  {
    name: 'resets by itself though it says that it does not',
    breaks: 'batch.disabled',
    make(request) {
      pretence.make(request);
      if (request.autoresetMode === 'AUTORESET_MODE_DISABLED')
        request.autoresetMode = 'AUTORESET_MODE_NEXT_STEP';
    },
    made(reply, asked) {
      if (asked.autoresetMode === 'AUTORESET_MODE_DISABLED') reply.autoresetMode = 'AUTORESET_MODE_DISABLED';
      pretence.made(reply);
    },
  },
  {
    name: 'has a reward for the step that only resets',
    breaks: 'batch.next-step',
    stepReply(reply, notes) {
      if (isBatch(notes) && ends(notes)) reply.rewards = Buffer.alloc(reply.rewards.length, 1);
      return reply;
    },
  },
  {
    name: 'fails the step after an end in the mode same-step',
    breaks: 'batch.same-step',
    refuse(request, notes) {
      const isSame = notes.made.autoresetMode === 'AUTORESET_MODE_SAME_STEP';
      if (isBatch(notes) && isSame && request.step && ends(notes))
        return new GymwireError('NOT_RESET', 'reset it');
      return pretence.refuse(request, notes);
    },
  },
  {
    name: 'leaves out the last observations that it promises',
    breaks: 'batch.final-observations',
    stepReply(reply) {
      reply.finalEnvIndices = [];
      return reply;
    },
  },
  {
    name: 'tells last observations where it says that it does not',
    breaks: 'batch.final-observations',
    listed({ envs }) {
      pretence.listed({ envs });
      for (const { batch } of envs) if (batch) batch.finalObservations = false;
    },
    made(reply) {
      batchOf(reply).finalObservations = false;
    },
  },
  {
    name: 'passes over seeds',
    breaks: 'batch.seeds',
    reset(request, notes) {
      if (isBatch(notes)) delete request.seed;
    },
  },
  {
    name: 'takes seeds though it says that it takes none',
    breaks: 'batch.seeds',
    listed({ envs }) {
      pretence.listed({ envs });
      for (const { batch } of envs) if (batch) batch.seeding = 'BATCH_SEEDING_NONE';
    },
    made(reply) {
      batchOf(reply).seeding = 'BATCH_SEEDING_NONE';
    },
  },
  {
    name: 'resets all where a mask names some',
    breaks: 'batch.masks',
    reset(request, notes) {
      if (isBatch(notes)) request.mask = [];
    },
  },
  {
    name: 'takes masks though it says that it has none',
    breaks: 'batch.masks',
    listed({ envs }) {
      pretence.listed({ envs });
      for (const { batch } of envs) if (batch) batch.masks = false;
    },
    made(reply) {
      batchOf(reply).masks = false;
    },
  },
  {
    name: 'passes over seeds that come with a step',
    breaks: 'batch.step-seeds',
    refuse: () => undefined,
    step(request) {
      request.nextSeeds = Buffer.alloc(0);
    },
  },
];

async function judge(fault: Fault) {
  const { address, stop } = await startFaultyServer(fault);
  onTestFinished(stop);
  return runConformance({ address, only: ['batch'] });
}

describe('the rules about batch simulators', () => {
  it('are kept by a server that does what it says', async () => {
    const { results } = await judge({ ...pretence, name: 'none', breaks: '' });
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });

  it.each(faults)('$breaks is broken by a server that $name', async (fault) => {
    const { results, isConforming } = await judge({ ...pretence, ...fault });
    const failed = results.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'not-applicable');
    expect(
      failed.map(({ id }) => id),
      JSON.stringify(failed, undefined, 2),
    ).toEqual([fault.breaks]);
    expect(isConforming).toBe(false);
    // It names the simulator.
    expect(failed[0]?.why).toMatch(/^Pendulum-v1: /);
  });
});
