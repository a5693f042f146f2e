/**
 * Models from files, here and in native MuJoCo of the same version: loaded or refused alike, with the same words; the
 * same bodies, textures, heights and ranges; the same motion. Models and native results: python/mujoco_models.py.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSimulation, readMujocoModel } from '@gymwire/simulators';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runPython } from './harness/python.ts';

const arrays = ['mass', 'textures', 'heights', 'range', 'qpos', 'qvel', 'act', 'sensordata', 'xpos'] as const;

type Loaded = { readonly [name in (typeof arrays)[number]]: string } & {
  readonly warnings: readonly number[];
};

type Native = { readonly name: string; readonly main: string } & (Loaded | { readonly error: string });

interface Results {
  readonly version: string;
  readonly steps: number;
  readonly models: readonly Native[];
}

/** Native MuJoCo has libraries of plugins; its WebAssembly build has none. */
const withPlugins = ['plugin-pid', 'plugin-cable', 'plugin-sdf'];
/**
 * Equal but for the last bits, 1e-9 at most of values above 1: the two builds have different C libraries (musl, glibc),
 * whose acos, asin and atan2 are rounded differently now and then. All others are equal to the last bit.
 */
const nearlyEqual = ['wrapping'];

const warningKinds = [
  'inertia',
  'contact_full',
  'constraint_full',
  'bad_qpos',
  'bad_qvel',
  'bad_qacc',
  'bad_ctrl',
] as const;

it('are those of native MuJoCo', async () => {
  const folder = temporaryFolder();
  await runPython(join('test', 'oracles', 'python', 'mujoco_models.py'), folder);
  const { version, steps, models } = JSON.parse(readFileSync(join(folder, 'native.json'), 'utf8')) as Results;
  expect(version).toBe(pinnedVersion());

  const faults: string[] = [];
  const counts = { 'bit for bit': 0, 'within 1e-9': 0, 'refused alike': 0, 'for their plugins': 0 };
  for (const native of models) {
    const { name } = native;
    const found = await compare(native, steps);
    if (found.kind === 'fault' || (found.kind === 'within 1e-9' && !nearlyEqual.includes(name))) {
      faults.push(`${name}: ${found.kind} ${found.reason}`);
    } else counts[found.kind] += 1;
  }
  process.stdout.write(`${models.length} models: ${JSON.stringify(counts)}\n`);
  expect(faults).toEqual([]);
  expect(counts['bit for bit']).toBeGreaterThan(110);
  expect(counts['refused alike']).toBeGreaterThan(30);
  expect(counts['for their plugins']).toBe(withPlugins.length);
});

interface Finding {
  readonly kind: 'bit for bit' | 'within 1e-9' | 'refused alike' | 'for their plugins' | 'fault';
  readonly reason: string;
}

async function compare(native: Native, steps: number): Promise<Finding> {
  const { main } = native;
  let ours: Played;
  try {
    ours = await play(main, steps);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return judgeRefusal(native, message.replace(`${main}: `, ''));
  }
  if ('error' in native) return { kind: 'fault', reason: `native MuJoCo refuses it: ${native.error}` };
  if (String(ours.warnings) !== String(native.warnings)) {
    const [own, theirs] = [ours.warnings.join(), native.warnings.join()];
    return { kind: 'fault', reason: `warns ${own} times, in native MuJoCo ${theirs}` };
  }
  let largest = 0;
  for (const array of arrays) largest = Math.max(largest, distance(ours[array], doubles(native[array])));
  if (largest === 0) return { kind: 'bit for bit', reason: '' };
  return { kind: largest <= 1e-9 ? 'within 1e-9' : 'fault', reason: `differs by ${largest}` };
}

function judgeRefusal({ name, ...native }: Native, message: string): Finding {
  if ('error' in native) {
    const [words = ''] = message
      .replace('MuJoCo cannot load this model: ', '')
      .split(". MuJoCo's WebAssembly");
    // What a C library says of a folder's size is its own affair.
    const expected = native.error.replace(/\nFile size over 2GB is not supported.*/, '').trim();
    if (words === expected.replaceAll(/\s*\n\s*/g, ', ')) return { kind: 'refused alike', reason: '' };
    return { kind: 'fault', reason: `refused with ${message}, by native MuJoCo with ${native.error}` };
  }
  if (withPlugins.includes(name) && /no plugins/.test(message))
    return { kind: 'for their plugins', reason: '' };
  return { kind: 'fault', reason: `native MuJoCo loads it; here: ${message}` };
}

type Played = { readonly [name in (typeof arrays)[number]]: ArrayLike<number> } & {
  readonly warnings: readonly number[];
};

async function play(main: string, steps: number): Promise<Played> {
  const simulation = await createSimulation(await readMujocoModel(main), 1);
  const { model, raw } = simulation;
  for (let step = 0; step < steps; step++) {
    simulation.advance(
      Float32Array.from({ length: model.nu }, (_, i) => ((7 * step + 3 * i) % 11) * 0.0625 - 0.25),
    );
    simulation.forward();
  }
  const { qpos, qvel, act, sensordata, xpos } = simulation.arrays;
  const played = {
    mass: model.bodyMass,
    textures: numbers(raw.model, 'tex_data'),
    heights: numbers(raw.model, 'hfield_data'),
    range: numbers(raw.model, 'actuator_ctrlrange'),
    qpos: qpos.slice(),
    qvel: qvel.slice(),
    act: act.slice(),
    sensordata: sensordata.slice(),
    xpos: xpos.slice(),
    warnings: warningKinds.map((kind) => Number(simulation.warnings?.[kind] ?? 0n)),
  };
  simulation.close();
  return played;
}

function numbers(owner: object, field: string): number[] {
  return Array.from(Reflect.get(owner, field) as ArrayLike<number>);
}

/** Absolute, or relative where values exceed 1; 0 only for the same bits (but for the sign of 0). */
function distance(actual: ArrayLike<number>, expected: Float64Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [i, value] of expected.entries()) {
    const own = actual[i] ?? Number.NaN;
    if (own === value || (Number.isNaN(own) && Number.isNaN(value))) continue;
    const error = Math.abs(own - value) / Math.max(1, Math.abs(value));
    largest = Math.max(largest, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return largest;
}

function doubles(text: string): Float64Array {
  return new Float64Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}

/** The version of the MuJoCo that simulators depends on. */
function pinnedVersion(): string | undefined {
  const path = new URL('../../packages/simulators/package.json', import.meta.url);
  const { dependencies } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return dependencies['@mujoco/mujoco'];
}
