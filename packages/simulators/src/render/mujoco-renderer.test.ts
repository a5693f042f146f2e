import { readFile } from 'node:fs/promises';
import type { Frame } from '@gymwire/protocol';
import loadMujoco, { type MainModule, type MjData, type MjModel } from '@mujoco/mujoco';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CameraSettings } from '../scene/camera-settings.ts';
import { createMujocoRenderer, type MujocoRenderer } from './mujoco-renderer.ts';

let module: MainModule;

beforeAll(async () => {
  module = await loadMujoco();
});

interface Stage {
  readonly model: MjModel;
  readonly data: MjData;
  readonly renderer: MujocoRenderer;
}

function open(xml: string, files: Record<string, Uint8Array> = {}, camera?: CameraSettings): Stage {
  const storage = new module.MjVFS();
  for (const [name, bytes] of Object.entries(files)) storage.addBuffer(name, bytes);
  const model = module.MjModel.from_xml_string(xml, storage);
  storage.delete();
  const data = new module.MjData(model);
  module.mj_forward(model, data);
  const renderer = createMujocoRenderer({ module, model, data }, camera);
  onTestFinished(() => {
    renderer.close();
    data.delete();
    model.delete();
  });
  return { model, data, renderer };
}

async function openTask(file: string): Promise<Stage> {
  return open(await readFile(new URL(`../../assets/gymnasium/${file}`, import.meta.url), 'utf8'));
}

function doubles(owner: object, field: string): Float64Array {
  const value: unknown = Reflect.get(owner, field);
  if (!(value instanceof Float64Array)) throw new Error(`no ${field}`);
  return value;
}

/** The middle of the pixels that pass, as shares of width and height; NaN where none does. */
function middle(
  { width, height, data }: Frame,
  passes: (r: number, g: number, b: number) => boolean,
): number[] {
  const found = [0, 0, 0];
  for (let i = 0; i < width * height; i++) {
    if (!passes(data[3 * i], data[3 * i + 1], data[3 * i + 2])) continue;
    found[0] += 1;
    found[1] += (i % width) / width;
    found[2] += Math.floor(i / width) / height;
  }
  return [found[1] / found[0], found[2] / found[0]];
}

const isSkin = (r: number, g: number, b: number) => r > 1.2 * g && g > 1.2 * b && r > 60;

describe('createMujocoRenderer', () => {
  it('draws a robot on its floor below its sky, 480 by 480', async () => {
    const { renderer } = await openTask('half_cheetah.xml');
    const frame = await renderer.render();
    expect([frame.width, frame.height, frame.data.length]).toEqual([480, 480, 480 * 480 * 3]);
    const [x, y] = middle(frame, isSkin);
    expect(x).toBeGreaterThan(0.4);
    expect(x).toBeLessThan(0.6);
    expect(y).toBeGreaterThan(0.5);
    // Sky at the top: grey, paler than below. Floor: black and the colour of the plane.
    const [top, lower] = [frame.data[3 * 240], frame.data[3 * (480 * 200 + 240)]];
    expect(top).toBeGreaterThan(lower);
    expect(lower).toBeGreaterThan(0);
    const bottom = [...frame.data.subarray(3 * 480 * 470)];
    expect(Math.min(...bottom)).toBe(0);
    expect(Math.max(...bottom)).toBeGreaterThan(150);
  });

  it('follows a runner', async () => {
    const { model, data, renderer } = await openTask('half_cheetah.xml');
    const [before] = middle(await renderer.render(), isSkin);
    doubles(data, 'qpos')[0] = 25;
    module.mj_forward(model, data);
    const [after] = middle(await renderer.render(), isSkin);
    expect(Math.abs(after - before)).toBeLessThan(0.02);
  });

  it('leaves the physics as they would be', async () => {
    const watched = await openTask('hopper.xml');
    const alone = await openTask('hopper.xml');
    for (let i = 0; i < 40; i++) {
      for (const { model, data } of [watched, alone]) {
        doubles(data, 'ctrl').fill(Math.sin(i));
        module.mj_step(model, data);
      }
      if (i % 8 === 0) await watched.renderer.render();
    }
    expect([...doubles(watched.data, 'qpos')]).toEqual([...doubles(alone.data, 'qpos')]);
    expect([...doubles(watched.data, 'qacc')]).toEqual([...doubles(alone.data, 'qacc')]);
  });

  it('gives the same bytes for the same state', async () => {
    const [one, two] = [await openTask('reacher.xml'), await openTask('reacher.xml')];
    expect(await one.renderer.render()).toEqual(await two.renderer.render());
  });

  it('draws every shape, a mesh among them, where a free camera is told to look', async () => {
    const mesh = new TextEncoder().encode(
      'v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n',
    );
    const kinds = ['sphere', 'capsule', 'ellipsoid', 'cylinder', 'box'];
    const geoms = kinds.map((kind, i) => {
      return `<geom type="${kind}" size=".1 .1 .1" pos="${i - 2} 0 0" rgba="1 0 0 1"/>`;
    });
    const xml = `<mujoco><asset><mesh name="m" file="m.obj" scale=".3 .3 .3"/></asset><worldbody>${geoms.join('')}
      <geom type="mesh" mesh="m" pos="3 0 0" rgba="1 0 0 1"/></worldbody></mujoco>`;
    const settings = { distance: 8, azimuth: 90, elevation: 0, lookAt: [0, 0, 0] as const };
    const { width, data } = await open(xml, { 'm.obj': mesh }, settings).renderer.render();
    // At 8 m and 45° a metre is 480 / (2 · 8 · tan 22.5°) = 72 pixels.
    const isRed = (x: number) => {
      return [-3, 0, 3].some((dy) => data[3 * ((240 + dy) * width + Math.round(240 + 72.4 * x))] > 30);
    };
    expect([-2, -1, 0, 1, 2, 3].map(isRed)).toEqual([true, true, true, true, true, true]);
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map(isRed)).toEqual([false, false, false, false, false, false]);
  });

  it('draws textures from files', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC',
      'base64',
    );
    const xml = `<mujoco><asset><texture name="t" type="2d" file="t.png"/><material name="m" texture="t"/></asset>
      <worldbody><geom type="plane" size="5 5 1" material="m"/></worldbody></mujoco>`;
    const settings = { distance: 3, lookAt: [0, 0, 0] as const };
    const { data } = await open(xml, { 't.png': png }, settings).renderer.render();
    const at = 3 * (240 * 480 + 240);
    expect(data[at]).toBe(0);
    expect(data[at + 2]).toBeGreaterThan(50);
  });
});
