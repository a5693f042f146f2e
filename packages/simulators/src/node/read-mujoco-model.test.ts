import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCompiled } from '../mujoco/compile-model.ts';
import { loadMujocoOnce } from './load-mujoco-once.ts';
import { createSimulation } from './node-engine.ts';
import { readMujocoModel } from './read-mujoco-model.ts';

/** A tetrahedron of this size, m; water: 1000 kg/m³ · size³ / 6. */
const tetrahedron = (size: number) =>
  `v 0 0 0\nv ${size} 0 0\nv 0 ${size} 0\nv 0 0 ${size}\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n`;
const massOf = (size: number) => (1000 * size ** 3) / 6;

const compiler = (attributes: string) => `<compiler ${attributes}/>`;
const asset = (file: string) => `<asset><mesh name="m" file="${file}"/></asset>`;
const body =
  '<worldbody><body name="link"><joint axis="0 1 0"/><geom type="mesh" mesh="m"/></body></worldbody>';
const model = (...parts: string[]) => `<mujoco>${parts.join('')}</mujoco>`;
const attaching = (file: string) =>
  `<mujoco><asset><model name="arm" file="${file}"/></asset>
  <worldbody><frame><attach model="arm" body="link" prefix="l_"/></frame></worldbody></mujoco>`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-model-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return join(folder, 'model.xml');
}

async function massFrom(path: string): Promise<number> {
  const simulation = await createSimulation(await readMujocoModel(path), 1);
  const [, mass] = simulation.model.bodyMass;
  simulation.close();
  return mass;
}

describe('the files that a model names', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    [
      'in meshdir, though another of that name lies beside the model',
      {
        'model.xml': model(compiler('meshdir="assets"'), asset('link.obj'), body),
        'assets/link.obj': tetrahedron(0.2),
        'link.obj': tetrahedron(0.4),
      },
    ],
    [
      'in the folder of an attached model',
      {
        'model.xml': attaching('arm/arm.xml'),
        'arm/arm.xml': model(compiler('meshdir="assets"'), asset('a.obj'), body),
        'arm/assets/a.obj': tetrahedron(0.2),
        'assets/a.obj': tetrahedron(0.4),
        'a.obj': tetrahedron(0.4),
      },
    ],
    [
      'of an attached URDF',
      {
        'model.xml': attaching('arm/arm.urdf'),
        'arm/arm.urdf': `<robot name="r"><mujoco><compiler meshdir="meshes" discardvisual="false"/></mujoco>
          <link name="base"/><link name="link"><collision><geometry><mesh filename="a.obj"/></geometry></collision>
          </link><joint name="j" type="revolute"><parent link="base"/><child link="link"/><axis xyz="0 1 0"/>
          <limit lower="-1" upper="1" effort="1" velocity="1"/></joint></robot>`,
        'arm/meshes/a.obj': tetrahedron(0.2),
      },
    ],
    [
      'without their path under strippath',
      {
        'model.xml': model(compiler('strippath="true" meshdir="assets"'), asset('some/where/a.obj'), body),
        'assets/a.obj': tetrahedron(0.2),
        'assets/some/where/a.obj': tetrahedron(0.4),
      },
    ],
    [
      'from an include of any extension',
      {
        'model.xml': model('<include file="robot.inc"/>'),
        'robot.inc': model(asset('a.obj'), body),
        'a.obj': tetrahedron(0.2),
      },
    ],
    [
      'from includes of includes, in the folder of the one that names them',
      {
        'model.xml': model('<include file="robot/one.xml"/>'),
        'robot/one.xml': model('<include file="parts/two.xml"/>'),
        'robot/parts/two.xml': model(asset('a.obj'), body),
        'robot/parts/a.obj': tetrahedron(0.2),
      },
    ],
    [
      'with another separator',
      { 'model.xml': model(asset('sub\\a.obj'), body), 'sub/a.obj': tetrahedron(0.2) },
    ],
    ['above the model', { 'xml/model.xml': model(asset('../a.obj'), body), 'a.obj': tetrahedron(0.2) }],
  ])('are found %s, as in native MuJoCo', async (_, files) => {
    write(files);
    const path = join(folder, existsSync(join(folder, 'model.xml')) ? 'model.xml' : 'xml/model.xml');
    expect(await massFrom(path)).toBeCloseTo(massOf(0.2), 5);
  });

  it('are found by absolute paths, in a folder that Emscripten has one of its own of, and through links', async () => {
    write({ 'a.obj': tetrahedron(0.2), 'real/b.obj': tetrahedron(0.2) });
    symlinkSync(join(folder, 'real'), join(folder, 'linked'), 'junction');
    const absolute = write({ 'model.xml': model(asset(join(folder, 'a.obj').replaceAll('\\', '/')), body) });
    expect(await massFrom(absolute)).toBeCloseTo(massOf(0.2), 5);
    const linked = write({ 'model.xml': model(asset('linked/b.obj'), body) });
    expect(await massFrom(linked)).toBeCloseTo(massOf(0.2), 5);
  });

  it('are read once, when the model is', async () => {
    const path = write({ 'model.xml': model(asset('a.obj'), body), 'a.obj': tetrahedron(0.2) });
    const source = await readMujocoModel(path);
    rmSync(folder, { recursive: true });
    const simulation = await createSimulation(source, 1);
    expect(simulation.model.bodyMass[1]).toBeCloseTo(massOf(0.2), 5);
    simulation.close();
  });

  it('are read anew for the next model, whatever MuJoCo has kept of a file with that name and age', async () => {
    const time = new Date('2026-11-01T12:00:00Z');
    for (const size of [0.2, 0.4, 0.3]) {
      const path = write({ 'model.xml': model(asset('a.obj'), body), 'a.obj': tetrahedron(size) });
      utimesSync(join(folder, 'a.obj'), time, time);
      expect(await massFrom(path)).toBeCloseTo(massOf(size), 5);
    }
  });

  it('leave nothing of the disk to models that come as text', async () => {
    const path = write({ 'a.obj': tetrahedron(0.2), 'model.xml': model(asset('a.obj'), body) });
    await massFrom(path);
    const xml = model(asset(join(folder, 'a.obj').replaceAll('\\', '/')), body);
    await expect(createSimulation({ xml }, 1)).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringContaining('Error opening file'),
    });
  });
});

describe('files given with a text', () => {
  const text = model(compiler('meshdir="assets"'), asset('a.obj'), body);
  const bytes = (size: number) => new TextEncoder().encode(tetrahedron(size));
  const mass = async (files: Record<string, Uint8Array>, xml = text) => {
    const simulation = await createSimulation({ xml, files }, 1);
    simulation.close();
    return simulation.model.bodyMass[1];
  };

  it('are those of their own model, though a model before had others of the same names', async () => {
    for (const size of [0.2, 0.4, 0.6, 0.3, 0.2]) {
      expect(await mass({ 'assets/a.obj': bytes(size) })).toBeCloseTo(massOf(size), 4);
    }
  });

  it('are taken by their whole path: one of the same name elsewhere does not stand in', async () => {
    await expect(mass({ 'other/a.obj': bytes(0.2) })).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringContaining("Error opening file 'assets/a.obj'"),
    });
    const up = model(asset('../a.obj'), body);
    expect(await mass({ '../a.obj': bytes(0.2), 'a.obj': bytes(0.4) }, up)).toBeCloseTo(massOf(0.2), 5);
  });

  it.each([
    ['nothing', {}],
    ['text and a compiled model', { xml: text, compiled: new Uint8Array() }],
  ])('are refused with %s instead of a text', async (_, source) => {
    await expect(createSimulation(source as never, 1)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining("expected a model's xml, or what readMujocoModel gave"),
    });
  });
});

describe('what is refused', () => {
  it.runIf(process.platform !== 'win32')(
    'a device, which may never end, or a pipe, which would be waited for',
    async () => {
      const path = write({ 'model.xml': model(asset('a.obj'), body) });
      symlinkSync('/dev/zero', join(folder, 'a.obj'));
      await expect(readMujocoModel(path)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(
          /model\.xml: .*a\.obj: expected a file, found a pipe, a socket or a device$/,
        ),
      });
    },
  );

  it.each([
    ['mujoco.pid', '<extension><plugin plugin="mujoco.pid"/></extension>'],
    ['mujoco.elasticity.cable', '<extension><plugin plugin="mujoco.elasticity.cable"/></extension>'],
  ])('the plugin %s, with what to do', async (name, extension) => {
    const path = write({ 'model.xml': model(extension) });
    await expect(readMujocoModel(path)).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringMatching(
        new RegExp(
          `plugin ${name} not found.*WebAssembly build, which runs here, has no plugins; native MuJoCo, as bridges/python`,
        ),
      ),
    });
  });

  it('bytes that are no compiled model', async () => {
    const module = await loadMujocoOnce();
    expect(() => loadCompiled(module, Uint8Array.of(1, 2, 3), 'arm.xml')).toThrow(
      expect.objectContaining({ code: 'ENV_FAILED', message: expect.stringContaining('arm.xml: ') }),
    );
  });
});
