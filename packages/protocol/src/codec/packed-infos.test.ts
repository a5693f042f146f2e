/** Against the golden bytes that the Python side writes, by both ways that a step is read. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PackedInfos } from '../generated/gymwire/v1/PackedInfos.ts';
import type { StepResponse } from '../generated/gymwire/v1/StepResponse.ts';
import type { Tensor } from '../generated/gymwire/v1/Tensor.ts';
import { Scalar } from '../tensor.ts';
import { Tuple } from '../value.ts';
import { envService } from '../wire/service.ts';
import { decodeResetResult, decodeStepResult } from './step-codec.ts';
import { decodeStepResponse } from './step-messages.ts';

const golden = new URL('../../../../test/golden/packed-infos.hex', import.meta.url);
const bytes = Buffer.from(readFileSync(golden, 'utf8').trim(), 'hex');
const { Step, Reset } = envService;

const info = (i: number) => ({
  float: i / 2,
  int: 2n ** 40n + BigInt(i),
  bool: i % 2 === 1,
  scalar: new Scalar('float32', i + 0.5),
  array: { dtype: 'int16', shape: [1, 2], data: Int16Array.of(i, -i) },
  dict: { inner: 0.25 * i, more: { x: { dtype: 'float64', shape: [], data: Float64Array.of(i) } } },
  value: [null, 'a text', new Tuple([BigInt(i)])],
});
const expected = new Map<number, unknown>([
  [0, { 'only here': 1n }],
  [2, info(2)],
  [5, info(5)],
]);

function stepWith(change: Partial<StepResponse>): Buffer {
  return Step.responseSerialize({ ...Step.responseDeserialize(bytes), ...change });
}

const both = [
  ['in one pass', (message: Buffer) => decodeStepResponse(message, 6)],
  ['through protobufjs', (message: Buffer) => decodeStepResult(Step.responseDeserialize(message), 6)],
] as const;

describe.each(both)('packed infos, read %s', (_, decode) => {
  it('are the dictionaries that went in, ascending, with their types and the order of their keys', () => {
    const { infos } = decode(bytes);
    expect([...infos]).toStrictEqual([...expected]);
    expect(Object.keys(infos.get(5) ?? {})).toEqual(Object.keys(info(5)));
  });

  it('are unpacked once', () => {
    const step = decode(bytes);
    expect(step.infos).toBe(step.infos);
  });

  it('may be those of final steps', () => {
    const { infos, packedInfos, observation } = Step.responseDeserialize(bytes);
    const message = stepWith({
      infos: [],
      packedInfos: [],
      finalEnvIndices: [0, 2, 5],
      finalObservation: observation,
      finalInfos: infos,
      packedFinalInfos: packedInfos,
    });
    const step = decode(message);
    expect(step.infos.size).toBe(0);
    expect([...(step.final?.infos ?? [])]).toStrictEqual([...expected]);
  });

  const floats: Tensor = { dtype: 'D_TYPE_FLOAT64', shape: [2], data: Buffer.alloc(16) };
  const column = { key: 'x', floats };
  it.each<[string, PackedInfos, string]>([
    ['no columns', { columns: [] }, 'info: packed infos have at least one column'],
    ['no rows', { columns: [{ key: 'x' }] }, 'info.x: expected rows'],
    [
      'another dtype',
      { columns: [{ key: 'x', ints: floats }] },
      'info.x: expected int64 [rows], got float64 [2]',
    ],
    ['a key twice', { columns: [column, column] }, 'info: a key occurs twice'],
    [
      'other lengths',
      { columns: [column, { key: 'y', bools: { dtype: 'D_TYPE_BOOL', shape: [1], data: Buffer.alloc(1) } }] },
      'info.y: expected 2 rows, got 1',
    ],
    ['more rows than names', { envIndices: [4], columns: [column] }, 'info: expected 1 rows, got 2'],
    ['an environment twice', { columns: [column] }, 'info: environment 0 has two infos'],
    [
      'billions of rows that take no bytes',
      {
        columns: [
          { key: 'x', arrays: { dtype: 'D_TYPE_FLOAT32', shape: [4_294_967_295, 0], data: Buffer.alloc(0) } },
        ],
      },
      'info: expected at most 6 rows, one an environment, got 4294967295',
    ],
    [
      'no environments',
      { columns: [{ key: 'x', floats: { dtype: 'D_TYPE_FLOAT64', shape: [0], data: Buffer.alloc(0) } }] },
      'info: packed infos have at least one row',
    ],
    [
      'an environment twice in one group',
      { envIndices: [3, 3], columns: [column] },
      'info: expected ascending environments, each once, got 3 after 3',
    ],
    [
      'environments in another order',
      { envIndices: [4, 3], columns: [column] },
      'info: expected ascending environments, each once, got 3 after 4',
    ],
    [
      'an environment that the session has not',
      { envIndices: [3, 6], columns: [column] },
      'info: expected environments below 6, got 6',
    ],
  ])('are refused at once with %s', (_what, packed, message) => {
    expect(() => decode(stepWith({ packedInfos: [packed] }))).toThrow(
      expect.objectContaining({ code: 'MALFORMED', message }),
    );
  });
});

const floats = (rows: number): Tensor => ({
  dtype: 'D_TYPE_FLOAT64',
  shape: [rows],
  data: Buffer.alloc(rows * 8),
});
const group = (...envIndices: number[]): PackedInfos => ({
  envIndices,
  columns: [{ key: 'x', floats: floats(envIndices.length) }],
});
const info1 = { entries: [{ key: 'x', value: { int: '1' } }] };

describe.each(both)('infos of environments that have none, read %s', (_, decode) => {
  const { observation } = Step.responseDeserialize(bytes);
  const ended = { finalEnvIndices: [0, 2], finalObservation: observation };
  it.each<[string, Partial<StepResponse>, string]>([
    [
      'final ones by columns where no episode ended',
      { packedFinalInfos: [group(1)] },
      'final_info: environment 1 has one, but it is not in final_env_indices',
    ],
    [
      'final ones where no episode ended',
      { finalInfos: [{ envIndex: 1, info: info1 }] },
      'final_info: environment 1 has one, but it is not in final_env_indices',
    ],
    [
      'final ones by columns of an episode that goes on',
      { ...ended, packedFinalInfos: [group(0, 1)] },
      'final_info: environment 1 has one, but it is not in final_env_indices',
    ],
    [
      'final ones of an episode that goes on',
      { ...ended, finalInfos: [{ envIndex: 1, info: info1 }] },
      'final_info: environment 1 has one, but it is not in final_env_indices',
    ],
    [
      'of an environment that the session has not',
      { infos: [{ envIndex: 6, info: info1 }] },
      'info: expected environments below 6, got 6',
    ],
    [
      'two of one environment',
      { infos: [1, 1].map((envIndex) => ({ envIndex, info: info1 })) },
      'info: environment 1 has two infos',
    ],
    [
      'an end of an environment that the session has not',
      { ...ended, finalEnvIndices: [0, 6] },
      'final_env_indices: expected environments below 6, got 6',
    ],
    [
      'an end of an environment twice',
      { ...ended, finalEnvIndices: [2, 2] },
      'final_env_indices: expected ascending environments, each once, got 2 after 2',
    ],
  ])('are refused at once: %s', (_what, change, message) => {
    expect(() => decode(stepWith({ packedInfos: [], ...change }))).toThrow(
      expect.objectContaining({ code: 'MALFORMED', message }),
    );
  });
});

describe('packed infos of a reset', () => {
  it('are held to the environments of the session, as those of a step', () => {
    const { observation } = Step.responseDeserialize(bytes);
    const reply = Reset.responseSerialize({ sequence: 1, observation, packedInfos: [group(6)] });
    const loose = Reset.responseSerialize({
      sequence: 1,
      observation,
      infos: [{ envIndex: 6, info: info1 }],
    });
    for (const message of [reply, loose]) {
      expect(() => decodeResetResult(Reset.responseDeserialize(message), 6)).toThrow(
        expect.objectContaining({ code: 'MALFORMED', message: 'info: expected environments below 6, got 6' }),
      );
    }
  });

  it('are the dictionaries that went in', () => {
    const { infos, packedInfos, observation } = Step.responseDeserialize(bytes);
    const message = Reset.responseSerialize({ sequence: 1, observation, infos, packedInfos });
    expect([...decodeResetResult(Reset.responseDeserialize(message), 6).infos]).toStrictEqual([...expected]);
  });
});
