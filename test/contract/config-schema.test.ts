/** Editors judge a config file by its JSON Schema, and we by `readTrainConfig`: both say the same, of the same keys. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optionNames, readTrainConfig, settingNames } from '@gymwire/agent-sdk/parts';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOT, readJson } from '../../scripts/tools.mjs';
import { temporaryFolder } from '../support/temporary-folder.ts';

const file = join(ROOT, 'packages', 'agent-sdk', 'schema', 'train-config.json');
const schema = readJson(file) as { readonly properties: Readonly<Record<string, object>> };
const keys = Object.keys(schema.properties);

type Values = readonly unknown[];

/** Right for some key or other, and wrong for most. */
const anything: Values = [
  null,
  true,
  false,
  0,
  -0,
  1,
  2,
  3,
  -1,
  0.5,
  -0.5,
  1e-9,
  1.5,
  1e21,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  -150,
  '',
  ' ',
  '0',
  '1',
  '0-4',
  '0,3',
  '0,',
  '4-0',
  'auto',
  'strict',
  'same-step',
  'pipelined',
  'compiled',
  'gaussian',
  'true',
  'null',
  'Pendulum-v1',
  'localhost:1',
  'a: b # c',
  '"',
  'ä\n',
  [],
  [0],
  [1],
  [64, 64],
  [1.5],
  ['a:1', 'b:2'],
  [''],
  [null],
  [[1]],
  {},
  { g: 9.81 },
  { g: null },
  { g: [1, 2], on: true, name: 'x' },
  { g: ['x'] },
  { g: { h: 1 } },
];

/** What each key takes; complete, so that there are right files as well. */
const right: Readonly<Record<string, Values>> = {
  $schema: ['../train-config.json'],
  envId: ['Pendulum-v1', 'a/b-v0'],
  envArguments: [{}, { g: 9.81 }, { g: [1, 2], on: true, name: 'x' }],
  maxEpisodeSteps: [null, 0, 200],
  numEnvs: [1, 4],
  autoresetMode: ['same-step', 'next-step', 'disabled'],
  seed: [0, 7],
  totalEnvSteps: [1, 20_000],
  stopAtReturn: [null, -150, 0.5],
  hiddenSizes: [[64, 64], [1]],
  actorLearningRate: [1e-3, 1],
  criticLearningRate: [3e-4],
  batchSize: [1, 256],
  gamma: [0, 0.99, 1],
  tau: [0.005, 1],
  policyDelay: [1, 2],
  targetPolicyNoise: [0, 0.2],
  targetNoiseClip: [0, 0.5],
  gradientStepsPerTransition: [0.5, 1],
  mode: ['pipelined', 'alternating'],
  normalizeObservations: [true, false],
  bufferSize: [1, 1e6],
  learningStarts: [0, 100],
  explorationNoise: [0, 0.1],
  explorationNoiseType: ['gaussian', 'ornstein-uhlenbeck'],
  evaluationInterval: [1, 1000],
  evaluationEpisodes: [1, 2 ** 29 - 1],
  logInterval: [1],
  checkpointInterval: [1],
  seeds: ['0-4', '0, 3,7-9', [0, 3]],
  parallel: [1, 2],
  out: ['runs/a'],
  learner: ['auto', 'compiled', 'tfjs-wasm'],
  learnerThreads: ['auto', 1, 2],
  server: ['localhost:1', ['a:1', 'b:2']],
  serversFile: ['servers.txt'],
  fleetMode: ['strict', 'elastic'],
  evalServer: ['localhost:2'],
  tokenFile: ['token'],
  tls: [true, false],
  ca: ['ca.pem'],
  tlsCert: ['cert.pem'],
  tlsKey: ['key.pem'],
  tlsServerName: ['sims.example'],
  insecure: [true, false],
  callDeadlineMs: [1, 60_000],
  stepDeadlineMs: [1],
  reconnectTimeoutMs: [0, 60_000],
};

/** `gamme`, `batch_size`, and what objects have without being told. */
const unknownKeys = [
  'gamme',
  'batch_size',
  'steps',
  'token',
  'resume',
  'toString',
  'constructor',
  '',
  '0',
  '<<',
];

const entry = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .constantFrom(...keys)
      .chain((key) => fc.tuple(fc.constant(key), fc.constantFrom(...right[key]))),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...anything)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...unknownKeys), fc.constantFrom(...anything)) },
);
const files = fc.sample(
  fc.record({
    value: fc
      .array(entry, { minLength: 1, maxLength: 12 })
      .map((entries): unknown => Object.fromEntries(entries)),
    layout: fc.constantFrom('yaml', 'json', 'json on one line'),
  }),
  { seed: 20_261_129, numRuns: 100 },
);

/** Each value of YAML as JSON, which is YAML, too. */
function textOf(value: unknown, layout: string): string {
  if (layout !== 'yaml') return JSON.stringify(value, null, layout === 'json' ? 2 : undefined);
  const lines = Object.entries(value as object).map(
    ([key, part]) => `${JSON.stringify(key)}: ${JSON.stringify(part)}\n`,
  );
  return lines.join('');
}

const validate = new Ajv({
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
}).compile(schema);

/** The keys that the schema finds fault with; "both" for two that exclude each other. */
function faultsOfSchema(value: unknown): readonly string[] {
  if (validate(value)) return [];
  const found = (validate.errors ?? []).map(({ instancePath, keyword, params }) => {
    if (instancePath !== '') return instancePath.split('/')[1] ?? '';
    return keyword === 'additionalProperties' ? String(params['additionalProperty']) : 'both';
  });
  return [...new Set(found)].sort();
}

async function faultsOfOurs(path: string): Promise<readonly string[]> {
  const message = await readTrainConfig(path).then(
    () => '',
    (error: unknown) => (error as Error).message,
  );
  const found = message
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      // What does not begin with its place is no key, and equal to none.
      const [, key = line] = /^:\d+:\d+: ([^.:]*)[.:]/.exec(line.slice(path.length)) ?? [];
      return line.endsWith(', got both') ? 'both' : key;
    });
  return [...new Set(found)].sort();
}

describe('the JSON Schema of config files', () => {
  it('finds fault with the same keys of 100 random files as we do', async () => {
    const path = join(temporaryFolder(), 'run.yaml');
    const verdicts: boolean[] = [];
    for (const { value, layout } of files) {
      const text = textOf(value, layout);
      writeFileSync(path, text);
      const expected = faultsOfSchema(value);
      expect(await faultsOfOurs(path), text).toEqual(expected);
      verdicts.push(expected.length === 0);
    }
    // Both kinds are tried.
    expect(verdicts.filter((isRight) => isRight).length).toBeGreaterThan(25);
    expect(verdicts.filter((isRight) => !isRight).length).toBeGreaterThan(25);
  });

  it('agrees on every key with every value', async () => {
    const path = join(temporaryFolder(), 'run.json');
    const verdicts = new Map<string, Set<boolean>>();
    for (const key of keys) {
      for (const part of [...anything, ...right[key]]) {
        const value = { [key]: part };
        writeFileSync(path, JSON.stringify(value));
        const expected = faultsOfSchema(value);
        expect(await faultsOfOurs(path), JSON.stringify(value)).toEqual(expected);
        verdicts.set(key, (verdicts.get(key) ?? new Set()).add(expected.length === 0));
      }
      for (const part of right[key]) expect(faultsOfSchema({ [key]: part })).toEqual([]);
    }
    expect([...verdicts.values()].every(({ size }) => size === 2)).toBe(true);
  });

  it('has every option and every setting, each with its meaning', () => {
    expect(keys).toEqual(['$schema', ...optionNames, ...settingNames]);
    expect(Object.keys(right)).toEqual(keys);
    for (const property of Object.values(schema.properties)) {
      expect(property).toHaveProperty('description', expect.stringMatching(/^[A-Z`].*\.$/));
    }
  });

  it('lies on the site as in the package', () => {
    const site = join(ROOT, 'docs', 'public', 'schema', 'train-config.json');
    expect(readFileSync(site, 'utf8')).toBe(readFileSync(file, 'utf8'));
  });
});
