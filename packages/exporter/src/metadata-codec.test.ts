import { describe, expect, it } from 'vitest';
import { decodeMetadata, encodeMetadata, type MetadataProps, readFormat } from './metadata-codec.ts';
import type { PolicyMetadata } from './policy-metadata.ts';

const infinity = Number.POSITIVE_INFINITY;
const metadata: Omit<PolicyMetadata, 'weightsSha256'> = {
  formatVersion: 2,
  envId: 'Pendulum-v1 "ü\u0000',
  observation: {
    shape: [2],
    low: Float32Array.of(-infinity, -3.4028234663852886e38),
    high: Float32Array.of(infinity, 0.1),
    layout: {
      type: 'dict',
      entries: [
        ['z', { type: 'box', dtype: 'float64', shape: [] }],
        ['', { type: 'tuple', items: [{ type: 'box', dtype: 'bool', shape: [1, 1] }] }],
      ],
    },
  },
  action: { shape: [1], low: Float32Array.of(-2), high: Float32Array.of(1.4e-45) },
  envSteps: 20_000,
  evaluation: { episodes: 10, meanReturn: -152.1 / 3, stdReturn: 1e-300, meanLength: 200 },
  configHash: 'f'.repeat(64),
  golden: {
    count: 2,
    observations: Float32Array.of(0.1, 1e6, -1e-7, 1 / 3),
    actions: Float32Array.of(-2, 0.7),
  },
  user: { site: 'hall 3', 'user.x': '', ['__proto__']: 'ü' },
};
const props = encodeMetadata(metadata);

/** The props with some text in one of them replaced; the text must be there. */
function edited(key: string, from: string, to: string): MetadataProps {
  expect(props[key]).toContain(from);
  return { ...props, [key]: props[key].replace(from, to) };
}

describe('metadata', () => {
  it('comes back bit for bit, infinities included', () => {
    expect(decodeMetadata(props)).toEqual(metadata);
    const { evaluation: _, ...withoutEvaluation } = metadata;
    expect(decodeMetadata(encodeMetadata(withoutEvaluation))).toEqual(withoutEvaluation);
    const envArguments = { g: 9.81, low: [-1, 1e-300], name: 'ü', on: false };
    const made = { ...metadata, envArguments, maxEpisodeSteps: 0, envUnconfirmed: true as const };
    expect(decodeMetadata(encodeMetadata(made))).toEqual(made);
    const { on, ...others } = envArguments;
    const reordered = { ...made, envArguments: { on, ...others } };
    expect(encodeMetadata(reordered)).toEqual(encodeMetadata(made));
  });

  it('need not say what observations were', () => {
    const { layout: _, ...observation } = metadata.observation;
    expect(decodeMetadata(encodeMetadata({ ...metadata, observation }))).toEqual({
      ...metadata,
      observation,
    });
  });

  it('is JSON that any reader understands', () => {
    expect(JSON.parse(props['gymwire.policy'])).toMatchObject({
      observation: {
        shape: [2],
        low: ['-Infinity', -3.4028234663852886e38],
        high: ['Infinity', Math.fround(0.1)],
      },
    });
    expect(JSON.parse(props['gymwire.golden'])).toMatchObject({ actions: [[-2], [Math.fround(0.7)]] });
  });

  it('keeps what else the caller has on the evaluation out of the file', () => {
    const evaluation = { episodes: 1, meanReturn: 0, stdReturn: 0, meanLength: 1, returns: [0] };
    expect(encodeMetadata({ ...metadata, evaluation })['gymwire.policy']).not.toContain('returns');
  });

  it.each([
    [{}, 'FOREIGN_MODEL', 'got no metadata at all'],
    [{ author: 'x', task: 'y' }, 'FOREIGN_MODEL', 'got author, task'],
    [{ 'gymwire.format': '3' }, 'UNSUPPORTED_FORMAT', 'expected format version 1 or 2, got "3"'],
    [{ 'gymwire.format': '' }, 'UNSUPPORTED_FORMAT', 'got ""'],
  ])('tells the format of %j', (given, code, message) => {
    expect(() => readFormat(given)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
    expect(readFormat(props)).toBe(2);
    expect(readFormat({ 'gymwire.format': '1' })).toBe(1);
  });

  it.each([
    ['no policy', () => ({ 'gymwire.golden': props['gymwire.golden'] }), 'expected JSON, got nothing'],
    [
      'no golden pairs',
      () => ({ 'gymwire.policy': props['gymwire.policy'] }),
      'gymwire.golden: expected JSON, got nothing',
    ],
    ['half a JSON', () => edited('gymwire.policy', '{', ''), 'gymwire.policy: expected JSON'],
    ['an unknown key', () => edited('gymwire.policy', '{"envId"', '{"seed":1,"envId"'), 'seed'],
    ['a missing key', () => edited('gymwire.policy', '"envSteps":20000,', ''), 'envSteps'],
    ['a fraction of a step', () => edited('gymwire.policy', '20000', '20000.5'), 'envSteps'],
    [
      'a mark that is no mark',
      () => edited('gymwire.policy', '{', '{"envUnconfirmed":false,'),
      'envUnconfirmed',
    ],
    ['a limit below 0', () => edited('gymwire.policy', '{', '{"maxEpisodeSteps":-1,'), 'maxEpisodeSteps'],
    [
      'an argument that is none',
      () => edited('gymwire.policy', '{', '{"envArguments":{"g":{}},'),
      'envArguments.g',
    ],
    ['no layout', () => edited('gymwire.policy', '"layout"', '"other"'), 'Unrecognized key'],
    [
      'an unknown type',
      () => edited('gymwire.policy', '"float64"', '"float16"'),
      'layout["z"]: expected a box',
    ],
    ['a key twice', () => edited('gymwire.policy', '["",', '["z",'), 'layout: the key "z" is there twice'],
    [
      'a layout of other size',
      () => edited('gymwire.policy', '[1,1]', '[1,2]'),
      'expected 2 numbers, it has 3',
    ],
    [
      'a layout in format 1',
      () => ({ ...props, 'gymwire.format': '1' }),
      'observation: expected no layout in format 1',
    ],
    ['no shape', () => edited('gymwire.policy', '"shape":[2]', '"shape":[]'), 'observation.shape'],
    [
      'too few bounds',
      () => edited('gymwire.policy', '"shape":[2]', '"shape":[3]'),
      'expected 3 bounds, got 2, 2',
    ],
    ['a bound of NaN', () => edited('gymwire.policy', '"Infinity"', 'null'), 'observation.high'],
    ['a bound beyond float32', () => edited('gymwire.policy', '3.4028234663852886e+38', '1e39'), 'float32'],
    ['too many digits', () => edited('gymwire.golden', '[-2]', '[-2.00000001]'), 'float32'],
    [
      'a short observation',
      () => edited('gymwire.golden', ',1000000]', ']'),
      'expected pairs of 2 and 1 values',
    ],
    ['a missing action', () => edited('gymwire.golden', '[-2],', ''), 'expected pairs of 2 and 1 values'],
  ] satisfies ReadonlyArray<[string, () => MetadataProps, string]>)('refuses %s', (_what, make, message) => {
    expect(() => decodeMetadata(make())).toThrow(
      expect.objectContaining({ code: 'INVALID_METADATA', message: expect.stringContaining(message) }),
    );
  });
});
