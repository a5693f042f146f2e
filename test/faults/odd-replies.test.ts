/** What a simulator in JavaScript returns that is no reply: found by the server, by name, wherever it runs. */
import { Writable } from 'node:stream';
import { connect, type EnvClient, type RemoteVectorEnv } from '@gymwire/agent-sdk';
import { type EnvServerOptions, startEnvServer } from '@gymwire/env-server';
import { float32, type Info } from '@gymwire/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { oddEnvs, oddInfos } from '../support/odd-envs.mjs';

type Place = 'single' | 'vector' | 'worker';

async function serve(place: Place, options: Partial<EnvServerOptions> = {}) {
  const lines: string[] = [];
  const sink = new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) });
  const module = { url: new URL('../support/odd-envs.mjs', import.meta.url), exportName: 'oddEnvs' };
  const hosting = place === 'worker' ? { isolate: 'worker' as const, module } : {};
  const envs = oddEnvs.map((one) => ({ ...one, ...hosting }));
  const server = await startEnvServer({
    ...options,
    port: 0,
    envs,
    logger: pino({ level: 'warn' }, sink),
  });
  const connection = await connect(server.address);
  onTestFinished(async () => {
    connection.close();
    await server.shutdown();
  });
  const env =
    place === 'single'
      ? await connection.make('Odd-v0')
      : await connection.makeVector('Odd-v0', { numEnvs: 2 });
  return { env, lines };
}

const options = (reply: string, odd = 'step') => ({ options: { reply, odd } });

/** The reset's or step's info, of the last environment. */
async function infoOf(env: EnvClient | RemoteVectorEnv, reply: string, odd: 'reset' | 'step'): Promise<Info> {
  const reset = await env.reset(options(reply, odd));
  const step = odd === 'step' ? await env.step('numEnvs' in env ? [0, 0] : [0]) : reset;
  return 'info' in step ? step.info : (step.infos.get(1) ?? {});
}

const places: readonly Place[] = ['single', 'vector', 'worker'];

describe.each(places)('%s', (place) => {
  it('an odd entry of an info is left out, named in the info and told once in the log', async () => {
    const { env, lines } = await serve(place);
    for (const reply of Object.keys(oddInfos)) {
      for (const odd of ['reset', 'step', 'step'] as const) {
        const info = await infoOf(env, reply, odd);
        expect({ reply, info }).toEqual({
          reply,
          info: {
            x: 1,
            traj: { y: 2 },
            gymwire_left_out: { 'info["traj"]["x"]': expect.any(String) as string },
          },
        });
      }
    }
    await env.close();
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    const told = lines.filter((line) => line.includes('left out'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /Odd-v0: info\[\\"traj\\"\]\[\\"x\\"\] is left out of infos: a Date cannot travel/,
    );
  });

  it('with strictInfo it is refused, with its path', async () => {
    const { env } = await serve(place, { strictInfo: true });
    for (const reply of Object.keys(oddInfos)) {
      for (const odd of ['reset', 'step'] as const) {
        await expect(infoOf(env, reply, odd)).rejects.toMatchObject({
          code: 'ENV_FAILED',
          message: expect.stringMatching(
            /^(reset|step)( of environment 0)?: the simulator returned an info that cannot travel: info\["traj"\]\["x"\]: /,
          ) as string,
          details: { where: 'info["traj"]["x"]' },
        });
      }
    }
  });

  it('typed arrays in an info are tensors and bytes', async () => {
    const { env } = await serve(place);
    expect(await infoOf(env, 'typed', 'step')).toEqual({
      deep: [
        {
          f: { dtype: 'float64', shape: [2], data: Float64Array.of(0.1, 2) },
          i: { dtype: 'int32', shape: [1], data: Int32Array.of(-1) },
          b: Uint8Array.of(1, 2),
          c: { dtype: 'uint8', shape: [1], data: Uint8Array.of(255) },
        },
      ],
    });
  });

  it.each([
    ['rewardBig', /must return a number as the reward, got the bigint 1$/],
    ['rewardTrue', /must return a number as the reward, got the boolean true$/],
    ['rewardText', /must return a number as the reward, got the string "1"$/],
    ['rewardMissing', /must return a number as the reward, got undefined$/],
    ['terminatedText', /must return a boolean as terminated, got the string "no"$/],
    ['terminatedOne', /must return a boolean as terminated, got the number 1$/],
    ['truncatedMissing', /must return a boolean as truncated, got undefined$/],
    [
      'bareArray',
      /observation.*: expected float32 \[2\], got a Float32Array of 2, .*: return float32\(\[…\]\)$/,
    ],
    ['list', /expected float32 \[2\], got a list of 2: return float32\(\[…\]\)$/],
    ['doubles', /expected float32 \[2\], got float64 \[2\]: return float32\(\[…\]\)$/],
    ['shortDoubles', /expected float32 \[2\], got float64 \[1\]$/],
    [
      'otherClass',
      /observation.*: expected float32 \[2\], got a bad tensor \(a float32 tensor holds a Float32Array, got Float64Array\)$/,
    ],
    ['noDictionary', /cannot travel: info: expected a dictionary \(a plain object\), got a Map$/],
    ['noInfo', /an observation and an info dictionary, got the info null$/],
  ])('%s is refused with its type', async (reply, message) => {
    const { env } = await serve(place);
    await expect(infoOf(env, reply, 'step')).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringMatching(message) as string,
    });
    // The environment goes on with the next episode.
    expect(await infoOf(env, '', 'step')).toEqual({});
  });
});

describe.each(places)('%s', (place) => {
  it.each([
    ['rewardNaN', /^step: the simulator returned the reward NaN$/],
    ['observationNaN', /^step: the simulator returned a bad observation: observation\[1\] is NaN$/],
    ['rewardTrue', /^step: the simulator must return a number/],
  ])('of several environments, %s names the one', async (reply, message) => {
    const { env } = await serve(place);
    const isVector = 'numEnvs' in env;
    const step = async () => {
      if (!isVector) return infoOf(env, reply, 'step');
      await env.reset({ seed: 1 });
      await env.reset({ mask: [false, true], ...options(reply) });
      return env.step([0, 0]);
    };
    const named = isVector ? message.source.replace('^step', '^step of environment 1') : message;
    await expect(step()).rejects.toThrow(new RegExp(named));
  });

  it('an observation outside of its Box passes, and is told once in the log', async () => {
    const { env, lines } = await serve(place);
    await env.reset(options('outside'));
    for (let i = 0; i < 3; i++) await env.step('numEnvs' in env ? [0, 0] : [0]);
    await env.close();
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /Odd-v0: observation\[1\] is 1000000000, outside its high bound 9; observations outside their Box are passed on/,
    );
  });
});

describe('what a client sends', () => {
  it('is refused before it leaves, by path: options, arguments, actions, masks, indices', async () => {
    const { env } = await serve('vector');
    const refused = (message: RegExp, code = 'MALFORMED') =>
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;
    const vector = env as RemoteVectorEnv;
    await expect(vector.reset({ options: { goal: { at: new Date(0) } } as object as Info })).rejects.toThrow(
      refused(/^options\["goal"\]\["at"\]: a Date cannot travel/),
    );
    await expect(vector.step({ push: new Map() } as object as Info)).rejects.toThrow(
      refused(/^action\["push"\]: a Map cannot travel/),
    );
    await expect(vector.reset({ mask: ['no', 1] as object as boolean[] })).rejects.toThrow(
      refused(/^mask\[0\]: expected a boolean, got string no/, 'INVALID_ARGUMENT'),
    );
    await expect(vector.render(0.5)).rejects.toThrow(
      refused(/index of an environment, got 0.5/, 'INVALID_ARGUMENT'),
    );
    const { observation } = await vector.reset({
      options: { goal: Float32Array.of(1, 2) } as object as Info,
    });
    expect(observation).toEqual({ ...float32([1, 2, 1, 2]), shape: [2, 2] });
  });
});
