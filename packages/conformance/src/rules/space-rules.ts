import { type Space, Tuple, type Value, type ValueDict } from '@gymwire/protocol';
import { decodeSpace, encodeSessionOptions } from '@gymwire/protocol/wire';
import {
  commandSpace,
  countsSpace,
  echoOther,
  echoSpace,
  echoStart,
  envId,
  imageAt,
  imageSpace,
} from '../conformance-env.ts';
import { isDict, show } from '../difference.ts';
import { expectAccepted, expectThat, expectValue } from '../expectations.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';
import { Broken } from '../verdicts.ts';

type WireSpace = Parameters<typeof decodeSpace>[0];

/** A space as a value, whose parts can be compared one by one. The order of a charset means nothing. */
function plain(space: Space): Value {
  switch (space.type) {
    case 'box':
      return { type: 'box', low: space.low, high: space.high };
    case 'discrete':
      return { type: 'discrete', n: space.n, start: space.start, dtype: space.dtype };
    case 'multi-binary':
      return { type: 'multi-binary', shape: [...space.shape] };
    case 'multi-discrete':
      return { type: 'multi-discrete', nvec: space.nvec, start: space.start };
    case 'dict':
      return Object.fromEntries(space.entries.map(([key, inner]) => [key, plain(inner)]));
    case 'tuple':
      return new Tuple(space.spaces.map(plain));
    case 'text': {
      const { minLength, maxLength } = space;
      return { type: 'text', minLength, maxLength, charset: Array.from(space.charset).sort().join('') };
    }
  }
}

function expectSpace(got: WireSpace, expected: Space, where: string): void {
  expectThat(got !== null, `${where}: missing`);
  // A box tells its own dtype and shape, so that a server cannot get away with equal numbers of another type.
  expectValue(plain(decodeSpace(got, where)), plain(expected), where);
}

async function checkSpaces(probe: Probe, kind: string, observation: Space, action: Space) {
  const made = await probe.makeBy(encodeSessionOptions({ envId, arguments: { observation: kind } }));
  expectSpace(made.observationSpace, observation, 'observation_space');
  expectSpace(made.actionSpace, action, 'action_space');
}

/** A discrete member may be an int, a scalar or a tensor of one integer: the same to every reader. */
function integerOf(value: Value | undefined): Value | undefined {
  if (typeof value === 'object' && value !== null && 'dtype' in value) {
    if ('value' in value && value.dtype === 'int64') return value.value;
    if ('data' in value) return (value.data as BigInt64Array)[0];
  }
  return value;
}

function normal(observation: Value): Value {
  if (!isDict(observation) || !(observation.pair instanceof Tuple)) return observation;
  const [vector, index] = observation.pair.items;
  return {
    ...observation,
    choice: integerOf(observation.choice) ?? null,
    pair: new Tuple([vector ?? null, integerOf(index) ?? null]),
  };
}

/** Two members as a batch, as the table of spaces has it. */
function batchOf(first: ValueDict, second: ValueDict): Value {
  return decodeBatch(echoSpace, [first, second]);
}

function decodeBatch(space: Space, rows: readonly Value[]): Value {
  switch (space.type) {
    case 'dict':
      return Object.fromEntries(
        space.entries.map(([key, inner]) => [
          key,
          decodeBatch(
            inner,
            rows.map((row) => (row as ValueDict)[key] ?? null),
          ),
        ]),
      );
    case 'tuple':
      return new Tuple(
        space.spaces.map((inner, i) =>
          decodeBatch(
            inner,
            rows.map((row) => (row as Tuple).items[i] ?? null),
          ),
        ),
      );
    case 'text':
      return new Tuple(rows);
    case 'discrete':
      return { dtype: 'int64', shape: [rows.length], data: BigInt64Array.from(rows as readonly bigint[]) };
    default:
      return stackTensors(rows);
  }
}

function stackTensors(rows: readonly Value[]): Value {
  const [first] = rows;
  if (typeof first !== 'object' || first === null || !('data' in first))
    throw new Broken(`no tensor: ${show(first)}`);
  const all = rows as ReadonlyArray<{ dtype: 'int16'; shape: number[]; data: Int16Array }>;
  const [{ dtype, shape, data }] = all as [(typeof all)[number]];
  const stacked = new (data.constructor as Int16ArrayConstructor)(data.length * all.length);
  all.forEach((row, i) => stacked.set(row.data, i * data.length));
  return { dtype, shape: [all.length, ...shape], data: stacked };
}

export const spaceRules: readonly Rule[] = [
  {
    id: 'spaces.box',
    requires: 'tells boxes with shape, dtype and bounds, infinite ones too',
    section: 'Values',
    check: (probe) => checkSpaces(probe, 'counts', countsSpace, commandSpace),
  },
  {
    id: 'spaces.every-kind',
    requires: 'tells all seven kinds of spaces, in a dict with its order',
    section: 'Values',
    check: (probe) => checkSpaces(probe, 'echo', echoSpace, echoSpace),
  },
  {
    id: 'spaces.members',
    requires: 'carries members of every kind of space, there and back',
    section: 'Values',
    async check(probe) {
      const session = await probe.make({ arguments: { observation: 'echo' } });
      expectValue(normal((await session.reset()).observation), echoStart, 'the reset’s observation');
      for (const member of [echoOther, echoStart]) {
        const { observation } = await expectAccepted(session.step(member), 'a member as action');
        expectValue(normal(observation), member, 'the action, come back as observation');
      }
    },
  },
  {
    id: 'spaces.batches',
    requires: 'batches every kind of space as the table says, there and back',
    section: 'Values',
    async check(probe) {
      const session = await probe.make({ arguments: { observation: 'echo' }, numEnvs: 2 });
      const { observation: start } = await session.reset();
      expectValue(start, batchOf(echoStart, echoStart), 'the reset’s observation');
      const batch = batchOf(echoOther, echoStart);
      const { observation } = await expectAccepted(session.step(batch), 'a batch of members as action');
      expectValue(observation, batch, 'the actions, come back as observation');
    },
  },
  {
    id: 'spaces.large-observation',
    requires: 'carries observations of 5 MB, and their bounds',
    section: 'Limits',
    patience: 3,
    async check(probe) {
      await checkSpaces(probe, 'image', imageSpace, commandSpace);
      const session = await probe.make({ arguments: { observation: 'image' } });
      expectValue((await session.reset()).observation, imageAt(0), 'the reset’s observation');
      const action = { dtype: 'float32', shape: [2], data: new Float32Array(2) } as const;
      expectValue((await session.step(action)).observation, imageAt(1), 'the observation');
      expectValue((await session.step(action, { by: 'unary' })).observation, imageAt(2), 'a unary step’s');
    },
  },
];
