/** What takes long in a server is done in threads of its own, with the same results as in a thread that serves nobody. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createEnvRegistry,
  createRandomGenerator,
  type Env,
  SessionStore,
  startEnvServer,
} from '@gymwire/env-server';
import { type Frame, float32 } from '@gymwire/protocol';
import {
  builtinEnvs,
  createMujocoEnv,
  modelEnvFromFile,
  mujocoEnvs,
  readMujocoModel,
  type XmlModel,
} from '@gymwire/simulators';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Textured floor, mesh, shadows: everything that goes to the thread that draws. */
const mesh = 'v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n';
const toy: XmlModel = {
  name: 'toy.xml',
  xml: `<mujoco>
    <asset>
      <texture name="sky" type="skybox" builtin="gradient" rgb1="1 1 1" rgb2="0 0 1" width="32" height="32"/>
      <texture name="t" type="2d" builtin="checker" rgb1=".1 .2 .3" rgb2=".9 .8 .7" width="64" height="64"/>
      <material name="floor" texture="t" texrepeat="4 4" reflectance=".3"/>
      <mesh name="m" file="m.obj" scale=".4 .4 .4"/>
    </asset>
    <worldbody>
      <light pos="0 0 3"/>
      <geom type="plane" size="3 3 1" material="floor"/>
      <body pos="0 0 .6"><joint name="j" axis="0 1 0"/><geom type="mesh" mesh="m" rgba="1 0 0 1"/></body>
    </worldbody>
    <actuator><motor gear="5" joint="j"/></actuator>
  </mujoco>`,
  files: { 'm.obj': new TextEncoder().encode(mesh) },
};
/** Its compilation takes a while. */
const crowd = (count: number): XmlModel => ({
  xml: `<mujoco><worldbody>${Array.from(
    { length: count },
    (_, i) => `<body pos="${i} 0 1"><joint name="j${i}"/><geom size=".1"/></body>`,
  ).join('')}</worldbody><actuator><motor joint="j0"/></actuator></mujoco>`,
});

async function open(model: XmlModel): Promise<Env> {
  const env = await createMujocoEnv({
    ...model,
    observation: ({ arrays }) => arrays.qpos,
    reward: () => 0,
    camera: { distance: 3, lookAt: [0, 0, 0.5] },
  });
  await env.reset({ random: createRandomGenerator(1) });
  return env;
}

/** Sizes and bytes; comparing those one by one would take seconds. */
function digest({ width, height, data }: Frame): string {
  return `${width} x ${height}: ${createHash('sha256').update(data).digest('hex')}`;
}

/** How often the event loop came round until it was over. */
async function turnsUntil(task: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await task.finally(() => {
    isOver = true;
  });
  return turns;
}

async function pictureOf(envId: string): Promise<string> {
  const limits = { maxSessions: 1, maxNumEnvs: 1, maxTotalEnvs: 1, idleTimeoutMs: 600_000 };
  const store = new SessionStore(createEnvRegistry(mujocoEnvs), limits, pino({ level: 'silent' }));
  const session = await store.make({ envId, renderMode: 'rgb_array' });
  await session.reset({ seed: 1 });
  const frame = await session.render(0);
  await store.close(session.description.sessionId);
  return digest(frame);
}

let shutdown = async () => undefined as void;
/** Drawn before this process served anybody. */
const before = new Map<string, string>();

beforeAll(async () => {
  const env = await open(toy);
  before.set('toy', digest((await env.render?.()) as Frame));
  await env.close?.();
  before.set('Humanoid-v5', await pictureOf('Humanoid-v5'));
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  shutdown = () => server.shutdown();
});

afterAll(() => shutdown());

describe('a picture of a process that serves', () => {
  it('is drawn while its event loop goes round, and has the same bytes', async () => {
    const env = await open(toy);
    for (let i = 0; i < 2; i++) {
      const drawing = env.render?.();
      expect(drawing).toBeInstanceOf(Promise);
      expect(await turnsUntil(drawing as Promise<Frame>)).toBeGreaterThan(1);
      expect(digest((await drawing) as Frame)).toBe(before.get('toy'));
    }
    await env.close?.();
    expect(await pictureOf('Humanoid-v5')).toBe(before.get('Humanoid-v5'));
  });

  it('shows the moment in which it was asked for, whatever happens meanwhile', async () => {
    const env = await open(toy);
    const drawing = env.render?.();
    for (let i = 0; i < 10; i++) await env.step(float32([1]));
    const after = env.render?.();
    await env.close?.();
    expect(digest((await drawing) as Frame)).toBe(before.get('toy'));
    expect(digest((await after) as Frame)).not.toBe(before.get('toy'));
  });
});

describe('a model of a process that serves', () => {
  it('is compiled while its event loop goes round', async () => {
    let env: Env | undefined;
    const opening = open(crowd(300)).then((opened) => {
      env = opened;
    });
    expect(await turnsUntil(opening)).toBeGreaterThan(1);
    await env?.close?.();
  });

  it("is refused with MuJoCo's words, and the next one is compiled", async () => {
    const wrong = { ...crowd(1), name: 'wrong.xml' };
    const refused = open({ ...wrong, xml: wrong.xml.replace('<geom', '\n<gem') });
    const right = open(crowd(2));
    await expect(refused).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringMatching(/^wrong\.xml: MuJoCo cannot load this model: .*'gem', line 2/),
      details: { model: 'wrong.xml' },
    });
    await (await right).close?.();
  });

  it('comes from a file with its includes and meshes', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'm.obj'), mesh);
    writeFileSync(join(folder, 'toy.inc'), toy.xml);
    writeFileSync(join(folder, 'scene.xml'), '<mujoco><include file="toy.inc"/></mujoco>');
    const path = join(folder, 'scene.xml');
    expect(await modelEnvFromFile({ id: 'Toy-v0', path })).toMatchObject({ id: 'Toy-v0' });
    await expect(readMujocoModel(join(folder, 'none.xml'))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('cannot read the model file'),
    });
  });
});
