/** Servers with one fault each in what they take and send: the kit must find it, and no other. */

import { randomBytes } from 'node:crypto';
import { isTensor } from '@gymwire/protocol';
import { decodeValue, encodeValue, type wire } from '@gymwire/protocol/wire';
import { describe, it } from 'vitest';
import { checkFault } from '../support/check-fault.ts';
import type { Fault, StepReply } from '../support/faulty-server.ts';

type WireValue = NonNullable<StepReply['observation']>;

/** Rows of a batch of counts. */
function rowsOf(value: WireValue | null, indices: readonly number[]): WireValue | null {
  const batch = decodeValue(value, 'batch');
  if (!isTensor(batch)) return value;
  const width = batch.shape[1] ?? 0;
  const numbers = Array.from<number | bigint, number>(batch.data as ArrayLike<number | bigint>, Number);
  const data = Float64Array.from(indices.flatMap((i) => numbers.slice(i * width, (i + 1) * width)));
  return encodeValue({ dtype: 'float64', shape: [indices.length, width], data }) as WireValue;
}

/** Every int in a value becomes a float. */
function floated(value: WireValue | null): void {
  if (value?.kind === 'int') {
    value.float = Number(value.int);
    value.kind = 'float';
    delete value.int;
  }
  for (const item of [...(value?.list?.values ?? []), ...(value?.tuple?.values ?? [])]) floated(item);
  for (const { value: item } of value?.dict?.entries ?? []) floated(item);
}

function floatInfos(infos: StepReply['infos']): void {
  for (const { info } of infos) for (const { value } of info?.entries ?? []) floated(value);
}

/** The float32 action of a request, to be changed in place. */
function actionOf(request: wire.StepRequest): Float32Array | undefined {
  const bytes = request.action?.tensor?.dtype === 'D_TYPE_FLOAT32' ? request.action.tensor.data : undefined;
  if (bytes === undefined || bytes.length % 4 !== 0) return undefined;
  const copy = new Uint8Array(bytes).buffer;
  const action = request.action?.tensor;
  if (action) action.data = Buffer.from(copy);
  return new Float32Array(copy);
}

const faultsOfReplies: readonly Fault[] = [
  {
    name: 'swaps terminated and truncated',
    breaks: 'steps.flags',
    stepReply(reply) {
      [reply.terminated, reply.truncated] = [reply.truncated, reply.terminated];
      return reply;
    },
  },
  {
    name: 'computes rewards in float32',
    breaks: 'steps.reward-float64',
    stepReply(reply) {
      for (let at = 0; at < reply.rewards.length; at += 8) {
        reply.rewards.writeDoubleLE(Math.fround(reply.rewards.readDoubleLE(at)), at);
      }
      return reply;
    },
  },
  {
    name: 'sends flags as bytes of 255',
    breaks: 'steps.layout',
    stepReply(reply) {
      reply.terminated = reply.terminated.map((flag) => 255 * flag) as Buffer;
      return reply;
    },
  },
  {
    name: 'packs infos for clients that do not accept them',
    breaks: 'steps.packed-infos',
    stepReply(reply) {
      const floats = { dtype: 'D_TYPE_FLOAT64', shape: [1], data: Buffer.alloc(8) } as const;
      reply.packedInfos = [
        { envIndices: [], columns: [{ key: 'x', floats: { ...floats, shape: [1] }, rows: 'floats' }] },
      ];
      return reply;
    },
  },
  {
    name: 'leaves the infos of steps out',
    breaks: 'steps.infos',
    stepReply(reply) {
      if (reply.finalEnvIndices.length === 0) reply.infos = [];
      return reply;
    },
  },
  {
    name: 'sends the next episode’s observation as the final one',
    breaks: 'autoreset.final-observation',
    stepReply(reply) {
      if (reply.finalEnvIndices.length > 0) {
        reply.finalObservation = rowsOf(reply.observation, reply.finalEnvIndices);
      }
      return reply;
    },
  },
  {
    name: 'sends the reset’s info as the final one',
    breaks: 'autoreset.final-infos',
    stepReply(reply) {
      reply.finalInfos = reply.infos.filter(({ envIndex }) => reply.finalEnvIndices.includes(envIndex));
      return reply;
    },
  },
  {
    name: 'sends a final observation with every step',
    breaks: 'autoreset.final-only-at-ends',
    stepReply(reply, { made }) {
      if (made.numEnvs !== undefined) reply.finalObservation ??= reply.observation;
      return reply;
    },
  },
  {
    name: 'loses the reward of a step that ends an episode in same-step',
    breaks: 'autoreset.same-step',
    stepReply(reply) {
      if (reply.finalEnvIndices.length > 0) reply.rewards.fill(0);
      return reply;
    },
  },
  {
    name: 'carries out the action of the step after an end in next-step',
    breaks: 'autoreset.next-step',
    stepReply(reply, { made, ended }, again) {
      const isReset = made.autoresetMode === 'AUTORESET_MODE_NEXT_STEP' && made.numEnvs === 1 && ended[0];
      return isReset ? again().catch(() => reply) : reply;
    },
  },
  {
    name: 'makes floats of ints in infos',
    breaks: 'values.types',
    resetReply: (reply) => floatInfos(reply.infos),
    stepReply(reply) {
      floatInfos(reply.infos);
      floatInfos(reply.finalInfos);
      return reply;
    },
  },
  {
    name: 'sends a tensor whose bytes do not fit its shape',
    breaks: 'values.types',
    resetReply({ infos }) {
      // Of a single environment: those of several have a rule of their own, which reads them too.
      if (infos.length !== 1) return;
      const types = infos[0]?.info?.entries.find(({ key }) => key === 'types')?.value?.dict;
      const tensors = types?.entries.find(({ key }) => key === 'tensors')?.value?.dict;
      const last = tensors?.entries.at(-1)?.value?.tensor;
      if (last) last.data = last.data.subarray(1);
    },
  },
];

const faultsOfRequests: readonly Fault[] = [
  {
    name: 'accepts every protocol version',
    breaks: 'handshake.major-mismatch',
    handshake(request) {
      request.protocolVersion = { major: 1, minor: 0 };
    },
  },
  {
    name: 'tells a reward threshold of 0 as none',
    breaks: 'listing.spec',
    listed({ envs }) {
      for (const env of envs) if (env.rewardThreshold === 0) delete env.rewardThreshold;
    },
  },
  {
    name: 'overlooks arguments that it does not know',
    breaks: 'making.unknown-argument',
    make(request) {
      const known = ['info', 'terminate_after', 'reward_scale', 'observation', 'offsets'];
      request.arguments = request.arguments.filter(({ key }) => known.includes(key));
    },
  },
  {
    name: 'takes whole floats for ints',
    breaks: 'making.argument-types',
    make(request) {
      for (const { value } of request.arguments) {
        if (value?.kind === 'float' && value.float === 3)
          Object.assign(value, { kind: 'int', int: '3', float: undefined });
      }
    },
  },
  {
    name: 'rounds the bounds of boxes to float32',
    breaks: 'spaces.box',
    made({ observationSpace }) {
      const high = observationSpace?.box?.high;
      if (high?.dtype === 'D_TYPE_FLOAT64') high.data.writeDoubleLE(2 ** 32, 0);
    },
  },
  {
    name: 'overlooks the time limit that a session asks for',
    breaks: 'steps.time-limit',
    make(request) {
      delete request.maxEpisodeSteps;
    },
    made({ spec }, asked) {
      if (spec === null || asked.maxEpisodeSteps === undefined) return;
      if (asked.maxEpisodeSteps === 0) delete spec.maxEpisodeSteps;
      else spec.maxEpisodeSteps = asked.maxEpisodeSteps;
    },
  },
  {
    name: 'gives environment i the seed after its own',
    breaks: 'seeding.vector',
    reset(request, { made }) {
      const count = made.numEnvs ?? 1;
      if (request.seeding !== 'seed' || count === 1) return;
      const first = BigInt(request.seed ?? 0);
      if (first + BigInt(count) > 2n ** 64n) return;
      const seeds = Array.from({ length: count }, (_, i) => ({ seed: String(first + BigInt(i) + 1n) }));
      Object.assign(request, { seeding: 'seeds', seeds: { seeds } });
      delete request.seed;
    },
  },
  {
    name: 'begins every session with the same seed',
    breaks: 'seeding.entropy',
    reset(request, { lastSequence }) {
      if (lastSequence === 0 && request.seeding === undefined) {
        Object.assign(request, { seeding: 'seed', seed: '1' });
      }
    },
  },
  {
    name: 'overlooks masks',
    breaks: 'reset.mask',
    reset(request, { made, lastSequence }) {
      const fits = request.mask.length === made.numEnvs && request.mask.includes(true);
      if (fits && lastSequence > 0) request.mask = [];
    },
  },
  {
    name: 'takes NaN for 0 in actions',
    breaks: 'actions.non-finite',
    step(request) {
      const action = actionOf(request);
      action?.forEach((x, i) => {
        if (!Number.isFinite(x)) action[i] = 0;
      });
    },
  },
  {
    name: 'clips actions that it should pass on',
    breaks: 'actions.pass',
    step(request, { made }) {
      const action = actionOf(request);
      if (action === undefined || made.outOfBoundsRule !== 'OUT_OF_BOUNDS_RULE_PASS') return;
      for (let i = 0; i < action.length; i += 2) {
        if (Number.isFinite(action[i])) action[i] = Math.min(1, Math.max(-1, action[i] ?? 0));
      }
    },
  },
  {
    name: 'fills tensors up that have too few bytes, and cuts those that have too many',
    breaks: 'actions.bytes',
    step({ action }) {
      const tensor = action?.tensor;
      if (tensor?.dtype !== 'D_TYPE_FLOAT32') return;
      const size = tensor.shape.reduce((product, length) => product * length, 4);
      if (tensor.data.length === size) return;
      tensor.shape = [2];
      tensor.data = Buffer.concat([tensor.data, Buffer.alloc(8)]).subarray(0, 8);
    },
  },
];

const faultsOfCalls: readonly Fault[] = [
  {
    name: 'lists no methods in the spec of a session',
    breaks: 'calls.listed',
    made(reply) {
      if (reply.spec) reply.spec.methods = [];
    },
  },
  {
    name: 'turns ints in results of methods into floats',
    breaks: 'calls.values',
    callReply(reply) {
      // Of results with more than one int: the other rules ask for one.
      for (const result of reply.results) if ((result.list?.values.length ?? 0) > 1) floated(result);
    },
  },
  {
    name: 'calls a method again when its call is repeated',
    breaks: 'calls.once',
    call(request) {
      request.sequence = 0;
    },
  },
  {
    name: 'calls all environments instead of those that were named',
    breaks: 'calls.environments',
    call(request) {
      if (request.envIndices.join() === '0,2') request.envIndices = [];
    },
  },
  {
    name: 'reads a listed attribute for a name that is not listed',
    breaks: 'calls.unlisted',
    read(request) {
      if (request.name === '_state') request.name = 'steps';
    },
  },
  {
    name: 'hides what a method failed with',
    breaks: 'calls.fault',
    callReply(reply) {
      if (reply.fault) reply.fault.message = 'it failed';
    },
  },
];

/** Seeds of a step, to be changed in place. */
function seedsOf(request: wire.StepRequest): BigUint64Array | undefined {
  const { length } = request.nextSeeds ?? [];
  if (length === 0 || length % 8 !== 0) return undefined;
  const copy = new Uint8Array(request.nextSeeds as Uint8Array).buffer;
  request.nextSeeds = Buffer.from(copy);
  return new BigUint64Array(copy);
}

const hasEnd = ({ terminated, truncated }: StepReply) => terminated.includes(1) || truncated.includes(1);
const hasSeeds = ({ nextSeeds }: wire.StepRequest) => nextSeeds?.length === 16;

/** Seeds that came with the last step of a session. */
const lastSeeds = new WeakMap<object, Uint8Array>();
/** Sessions of which a reset has used such seeds. */
const seeded = new WeakSet<object>();

const faultsOfStepSeeds: readonly Fault[] = [
  {
    name: 'rounds seeds that come with a step to 53 bits',
    breaks: 'step-seeds.same-step',
    step(request) {
      const seeds = seedsOf(request);
      seeds?.forEach((seed, i) => (seeds[i] = BigInt.asUintN(64, BigInt(Number(seed)))));
    },
  },
  {
    name: 'takes seeds with the step that ends an episode only, also in next-step',
    breaks: 'step-seeds.next-step',
    step(request, { made, ended }) {
      if (made.autoresetMode !== 'AUTORESET_MODE_NEXT_STEP' || !ended.includes(true)) return;
      if (hasSeeds(request)) request.nextSeeds = Buffer.alloc(0);
    },
  },
  {
    name: 'keeps seeds that no reset has used for the reset that comes next',
    breaks: 'step-seeds.ignored',
    step(request, { made }) {
      const { nextSeeds } = request;
      const before = lastSeeds.get(made);
      if (hasSeeds(request)) lastSeeds.set(made, Uint8Array.from(nextSeeds as Uint8Array));
      else if (before !== undefined) request.nextSeeds = Buffer.from(before);
    },
    stepReply(reply, { made }) {
      if (hasEnd(reply)) lastSeeds.delete(made);
      return reply;
    },
  },
  {
    name: 'draws from entropy after an episode whose seed came with a step',
    breaks: 'step-seeds.goes-on',
    step(request, { made }) {
      if (hasSeeds(request)) return void lastSeeds.set(made, new Uint8Array());
      lastSeeds.delete(made);
      if (seeded.has(made)) request.nextSeeds = randomBytes(16);
    },
    stepReply(reply, { made }) {
      if (hasEnd(reply) && lastSeeds.delete(made)) seeded.add(made);
      return reply;
    },
  },
  {
    name: 'takes a step with other seeds for another step',
    breaks: 'step-seeds.once',
    step(request, { lastSequence }) {
      if (hasSeeds(request) && request.sequence === lastSequence) request.sequence = 0;
    },
  },
  {
    name: 'passes over seeds that are too few, and those that no step could use',
    breaks: 'step-seeds.refused',
    step(request, { made }) {
      const resets = made.numEnvs !== undefined && made.autoresetMode !== 'AUTORESET_MODE_DISABLED';
      const isWhole = request.nextSeeds?.length === 8 * (made.numEnvs ?? 1);
      if (!resets || !isWhole) request.nextSeeds = Buffer.alloc(0);
    },
  },
];

const faults = [...faultsOfReplies, ...faultsOfRequests, ...faultsOfCalls, ...faultsOfStepSeeds];

describe('a server that', () => {
  it.concurrent.each(faults)('$name fails $breaks, and nothing else', (fault) => checkFault(fault));
});
