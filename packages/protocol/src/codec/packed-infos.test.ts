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
  ])('are refused at once with %s', (_what, packed, message) => {
    expect(() => decode(stepWith({ packedInfos: [packed] }))).toThrow(
      expect.objectContaining({ code: 'MALFORMED', message }),
    );
  });
});

describe('packed infos of a reset', () => {
  it('are the dictionaries that went in', () => {
    const { infos, packedInfos, observation } = Step.responseDeserialize(bytes);
    const message = Reset.responseSerialize({ sequence: 1, observation, infos, packedInfos });
    expect([...decodeResetResult(Reset.responseDeserialize(message)).infos]).toStrictEqual([...expected]);
  });
});
