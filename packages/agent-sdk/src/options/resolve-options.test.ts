import { describe, expect, it } from 'vitest';
import type { TrainOptions } from '../generated/train-options.ts';
import { configHash } from './config-hash.ts';
import { trainOptionsJsonSchema } from './option-json-schema.ts';
import { optionNames } from './option-table.ts';
import { resolveResumedOptions, resolveTrainOptions } from './resolve-options.ts';

const invalid = (text: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) });

describe('resolveTrainOptions', () => {
  it('has the defaults of the literature', () => {
    expect(resolveTrainOptions({ envId: 'Some-v0' })).toEqual({
      envId: 'Some-v0',
      envArguments: {},
      maxEpisodeSteps: null,
      numEnvs: 1,
      autoresetMode: 'same-step',
      seed: 0,
      totalEnvSteps: 1_000_000,
      stopAtReturn: null,
      hiddenSizes: [256, 256],
      actorLearningRate: 3e-4,
      criticLearningRate: 3e-4,
      batchSize: 256,
      gamma: 0.99,
      tau: 0.005,
      policyDelay: 2,
      targetPolicyNoise: 0.2,
      targetNoiseClip: 0.5,
      gradientStepsPerTransition: 1,
      mode: 'pipelined',
      normalizeObservations: false,
      bufferSize: 1_000_000,
      learningStarts: 25_000,
      explorationNoise: 0.1,
      explorationNoiseType: 'gaussian',
      evaluationInterval: 10_000,
      evaluationEpisodes: 10,
      logInterval: 1_000,
      checkpointInterval: 50_000,
    });
  });

  it('puts what is given over the preset, and the preset over the defaults', () => {
    const preset = resolveTrainOptions({ envId: 'Pendulum-v1' });
    expect(preset).toMatchObject({ gamma: 0.98, totalEnvSteps: 20_000, tau: 0.005 });
    const given = resolveTrainOptions({ envId: 'Pendulum-v1', gamma: 0.9, tau: undefined });
    expect(given).toEqual({ ...preset, gamma: 0.9 });
    expect(resolveTrainOptions({ envId: 'MountainCarContinuous-v0' })).toMatchObject({
      explorationNoiseType: 'ornstein-uhlenbeck',
      explorationNoise: 0.5,
      totalEnvSteps: 50_000,
    });
    expect(resolveTrainOptions({ envId: 'toString' }).gamma).toBe(0.99);
  });

  it('warms up for a tenth of a short run', () => {
    expect(resolveTrainOptions({ envId: 'Some-v0', totalEnvSteps: 5_000 }).learningStarts).toBe(500);
    const short = { envId: 'Pendulum-v1', totalEnvSteps: 400 };
    expect(resolveTrainOptions(short).learningStarts).toBe(40);
    expect(resolveTrainOptions({ ...short, learningStarts: 7 }).learningStarts).toBe(7);
    expect(resolveTrainOptions({ envId: 'Pendulum-v1' }).learningStarts).toBe(1_000);
  });

  it.each([
    [{ gamma: 1.5 }, 'gamma: Too big'],
    [{ tau: 0 }, 'tau: Too small'],
    [{ batchSize: 2.5 }, 'got 2.5'],
    [{ hiddenSizes: [] }, 'hiddenSizes: Too small'],
    [{ hiddenSizes: [64, 0] }, 'hiddenSizes.1: Too small'],
    [{ seed: -1 }, 'seed: Too small'],
    [{ seed: 2 ** 53 }, 'seed'],
    [{ policyDelay: 0 }, 'policyDelay'],
    // There are no seeds for more.
    [{ evaluationEpisodes: 2 ** 29 }, 'evaluationEpisodes: Too big'],
    [{ actorLearningRate: Number.NaN }, 'actorLearningRate'],
    [{ explorationNoise: -0.1 }, 'explorationNoise'],
    [{ gradientStepsPerTransition: Infinity }, 'gradientStepsPerTransition'],
    [{ learningStarts: 1_000_000 }, 'learningStarts: expected less than totalEnvSteps (1000000)'],
  ] satisfies [Partial<TrainOptions>, string][])('refuses %o', (options, text) => {
    expect(() => resolveTrainOptions({ envId: 'Some-v0', ...options })).toThrow(invalid(text));
  });

  it('refuses options that it does not know and values of other types', () => {
    const unknown = { envId: 'Some-v0', gama: 0.9 };
    expect(() => resolveTrainOptions(unknown)).toThrow(invalid('gama'));
    const wrong = JSON.parse('{"envId":"Some-v0","explorationNoiseType":"pink"}') as TrainOptions;
    expect(() => resolveTrainOptions(wrong)).toThrow(invalid('got "pink"'));
  });
});

describe('resolveResumedOptions', () => {
  const stored = resolveTrainOptions({ envId: 'Pendulum-v1', seed: 3, envArguments: { g: 9.81, b: true } });

  it('keeps what is not given, also where a preset or default has changed since', () => {
    const old = { ...stored, gamma: 0.5 };
    expect(resolveResumedOptions(old, { envId: 'Pendulum-v1' })).toEqual(old);
  });

  it('lets a run go on for longer, stop elsewhere and save more often', () => {
    const changes = { totalEnvSteps: 30_000, stopAtReturn: -150, checkpointInterval: 7 };
    expect(resolveResumedOptions(stored, { envId: 'Pendulum-v1', ...changes })).toEqual({
      ...stored,
      ...changes,
    });
  });

  it('accepts what is the same and names what is not', () => {
    const same = { envId: 'Pendulum-v1', seed: 3, envArguments: { b: true, g: 9.81 } };
    expect(resolveResumedOptions(stored, same)).toEqual(stored);
    for (const [change, text] of [
      [{ gamma: 0.9 }, 'gamma: the run was started with 0.98, got 0.9'],
      [{ hiddenSizes: [64] }, 'hiddenSizes'],
      [{ envId: 'Other-v0' }, 'envId'],
      [{ seed: 4 }, 'seed'],
    ] as const) {
      expect(() => resolveResumedOptions(stored, { envId: 'Pendulum-v1', ...change })).toThrow(
        expect.objectContaining({ code: 'CONFIG_MISMATCH', message: expect.stringContaining(text) }),
      );
    }
    expect(() => resolveResumedOptions(stored, { envId: 'Pendulum-v1', totalEnvSteps: 0 })).toThrow(
      invalid('totalEnvSteps'),
    );
  });
});

describe('configHash', () => {
  it('depends on every option that no resume may change, and on no order', () => {
    const options = resolveTrainOptions({ envId: 'Some-v0', envArguments: { a: 1, b: 2 } });
    const reversed = Object.fromEntries(Object.entries(options).reverse()) as typeof options;
    const hash = configHash(options);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(configHash({ ...reversed, envArguments: { b: 2, a: 1 } })).toBe(hash);
    const same = Object.keys(options).filter((key) => configHash({ ...options, [key]: 'x' }) === hash);
    expect(same.sort()).toEqual(['checkpointInterval', 'stopAtReturn', 'totalEnvSteps']);
  });
});

describe('the JSON Schema', () => {
  it('has every option with its meaning and its default, and takes no other', () => {
    const { properties, required, additionalProperties } = trainOptionsJsonSchema();
    const known = properties as Record<string, { description: string; default?: unknown }>;
    expect(Object.keys(known)).toEqual(optionNames);
    expect([required, additionalProperties]).toEqual([['envId'], false]);
    const defaults = Object.entries(resolveTrainOptions({ envId: 'Some-v0' }));
    for (const [name, value] of defaults) {
      expect(known[name]?.description).toMatch(/^[A-Z`].*\.$/s);
      const isOwn = name === 'envId' || name === 'learningStarts';
      expect([name, known[name]?.default]).toEqual([name, isOwn ? undefined : value]);
    }
    expect(known.learningStarts?.description).toContain('Default: a tenth of the steps, at most 25000.');
    expect(known.gamma).toMatchObject({ type: 'number', minimum: 0, maximum: 1 });
  });
});
