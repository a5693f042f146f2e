import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { GymwireError, wireErrorCodes } from '../errors.ts';
import { ErrorCode } from '../generated/gymwire/v1/ErrorCode.ts';
import type { BatchSpec, EnvSpec, SessionDescription, SessionOptions } from '../session.ts';
import { box, type Space } from '../space.ts';
import { float32 } from '../tensor.ts';
import { EnvServiceClient } from '../wire/service.ts';
import { decodeError, encodeError, fromServiceError, toStatus } from './error-codec.ts';
import {
  decodeEnvSpec,
  decodeSessionDescription,
  decodeSessionOptions,
  encodeEnvSpec,
  encodeSessionDescription,
  encodeSessionOptions,
} from './session-codec.ts';
import {
  decodeResetOptions,
  decodeResetResult,
  decodeStepResult,
  encodeResetOptions,
  encodeResetResult,
  encodeStepResult,
} from './step-codec.ts';

const { ListEnvs, MakeSession, Reset, Step } = EnvServiceClient.service;

describe('session codec', () => {
  const minimal: SessionOptions = { envId: 'Pendulum-v1', arguments: {}, renderMode: '' };

  it.each([
    minimal,
    {
      envId: 'X-v0',
      arguments: { g: 9.8, n: 3n, name: 'x', flag: true },
      numEnvs: 4,
      autoresetMode: 'same-step',
      renderMode: 'rgb_array',
      maxEpisodeSteps: 0,
      outOfBoundsRule: 'reject',
    },
  ] satisfies SessionOptions[])('returns options with absent fields absent', (options) => {
    const bytes = MakeSession.requestSerialize(encodeSessionOptions(options));
    expect(decodeSessionOptions(MakeSession.requestDeserialize(bytes))).toStrictEqual(options);
  });

  it('returns a description with every kind of space', () => {
    const tuple: Space = { type: 'tuple', spaces: [{ type: 'multi-binary', shape: [2, 3] }] };
    const observationSpace: Space = {
      type: 'dict',
      entries: [
        ['z', box([-1, Number.NEGATIVE_INFINITY], [1, Number.POSITIVE_INFINITY])],
        ['a', tuple],
        ['d', { type: 'discrete', n: 5n, start: -2n, dtype: 'int64' }],
        ['t', { type: 'text', minLength: 0, maxLength: 9, charset: 'abc' }],
        [
          'm',
          {
            type: 'multi-discrete',
            nvec: { dtype: 'int64', shape: [2], data: BigInt64Array.of(3n, 4n) },
            start: { dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, 1n) },
          },
        ],
      ],
    };
    const description: SessionDescription = {
      sessionId: 'id',
      observationSpace,
      actionSpace: box([-2], [2]),
      spec: {
        id: 'X-v0',
        arguments: [
          { name: 'g', type: 'float', defaultValue: 10, minimum: 0, maximum: 20, description: '' },
          { name: 'kind', type: 'string', defaultValue: 'a', choices: ['a', 'b'], description: 'which' },
          { name: 'range', type: 'float-list', defaultValue: [0, 1], length: 2, description: '' },
        ],
        maxEpisodeSteps: 200,
        nondeterministic: false,
        renderModes: ['rgb_array'],
        renderFps: 30,
        description: 'an env',
      },
      numEnvs: 3,
      autoresetMode: 'next-step',
      outOfBoundsRule: 'pass',
      renderMode: '',
      idleTimeoutMs: 1000,
    };
    const bytes = MakeSession.responseSerialize(encodeSessionDescription(description));
    expect(decodeSessionDescription(MakeSession.responseDeserialize(bytes))).toStrictEqual(description);
  });
});

describe('spec codec', () => {
  it.each<BatchSpec>([
    { autoresetModes: [], finalObservations: false, masks: false },
    {
      autoresetModes: ['same-step', 'next-step', 'disabled'],
      minNumEnvs: 64,
      maxNumEnvs: 64,
      finalObservations: true,
      seeding: 'make',
      masks: true,
    },
  ])('returns what it says of a batch simulator: %o', (batch) => {
    const spec: EnvSpec = {
      id: 'Batch-v0',
      arguments: [],
      nondeterministic: false,
      renderModes: [],
      description: '',
      batch,
    };
    const bytes = ListEnvs.responseSerialize({ envs: [encodeEnvSpec(spec)] });
    expect(ListEnvs.responseDeserialize(bytes).envs.map(decodeEnvSpec)).toStrictEqual([spec]);
  });
});

describe('step codec', () => {
  it.each([
    {},
    { seed: 2n ** 64n - 1n },
    { seeds: [1n, null, 0n], mask: [true, false, true] },
    { options: { low: -0.5 } },
  ])('returns reset options %o', (options) => {
    const bytes = Reset.requestSerialize(encodeResetOptions(options));
    expect(decodeResetOptions(Reset.requestDeserialize(bytes))).toStrictEqual(options);
  });

  it.each([-1, 1.5, 2 ** 53, 2n ** 64n])('refuses seed %s', (seed) => {
    expect(() => encodeResetOptions({ seed })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('refuses seed and seeds together', () => {
    expect(() => encodeResetOptions({ seed: 1, seeds: [2] })).toThrow(/not both/);
  });

  it('returns reset and step results, rewards as exact float64', () => {
    const reset = { observation: float32([1, 2]), infos: new Map([[0, { lap: 3n, x: 0.1 }]]) };
    const resetBytes = Reset.responseSerialize(encodeResetResult(reset, 7));
    const resetWire = Reset.responseDeserialize(resetBytes);
    expect(Number(resetWire.sequence)).toBe(7);
    expect(decodeResetResult(resetWire, 2)).toStrictEqual(reset);

    const step = {
      observation: { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, 2) },
      rewards: Float64Array.of(0.1 + 0.2, -0),
      terminated: [true, false],
      truncated: [false, true],
      infos: new Map(),
      final: {
        envIndices: [0],
        observation: { dtype: 'float32', shape: [1, 1], data: Float32Array.of(5) },
        infos: new Map([[0, { why: 'fell' }]]),
      },
    } as const;
    const bytes = Step.responseSerialize(encodeStepResult(step, 8));
    expect(decodeStepResult(Step.responseDeserialize(bytes), 2)).toStrictEqual(step);
    expect(() => decodeStepResult(Step.responseDeserialize(bytes), 3)).toThrow(
      /expected 3 rewards of 8 bytes, got 16 bytes/,
    );
  });
});

describe('error codec', () => {
  it('has a row for every wire code, and a wire code for every row', () => {
    const onTheWire = Object.keys(ErrorCode)
      .map((name) => name.replace('ERROR_CODE_', ''))
      .filter((name) => name !== 'UNSPECIFIED');
    expect([...wireErrorCodes]).toEqual(onTheWire);
  });

  it('carries code, message and details through a unary status', () => {
    const error = new GymwireError('ACTION_OUT_OF_BOUNDS', 'action[1] is 3', { details: { index: '1' } });
    const { code, details, metadata } = toStatus(error);
    expect(details).toBe('ACTION_OUT_OF_BOUNDS: action[1] is 3');
    const arrived = Object.assign(new Error(details), { code, details, metadata });
    const back = fromServiceError(arrived, 'Step');
    expect([back.code, back.message, back.details]).toEqual([error.code, error.message, error.details]);
  });

  it('says who speaks: the peer, whatever the status, or gRPC, whatever the words', () => {
    const failed = (status: object) =>
      fromServiceError(
        Object.assign(new Error('x'), { metadata: new Metadata() }, status) as ServiceError,
        'Step',
      );
    const own = new GymwireError('INTERNAL', 'Step: the connection was cut');
    const { code, details } = toStatus(own);
    const garbage = new Metadata();
    garbage.set('gymwire-error-bin', Buffer.of(255));
    const said = { code: 'INTERNAL', message: own.message, origin: 'peer' };
    expect(own.origin).toBe('local');
    expect(failed(toStatus(own))).toMatchObject(said);
    expect(decodeError(encodeError(own) as Parameters<typeof decodeError>[0])).toMatchObject(said);
    const transport = { code: 'INTERNAL', origin: 'transport' };
    expect(failed({ code, details })).toMatchObject(transport);
    expect(failed({ code, details, metadata: garbage })).toMatchObject(transport);
  });

  it('keeps the text of an error code it does not know', () => {
    const back = decodeError({ code: 99 as never, message: 'from the future', details: {} });
    expect(back.code).toBe('INTERNAL');
    expect(back.message).toContain('from the future');
    expect(encodeError(back).code).toBe('ERROR_CODE_INTERNAL');
  });
});
