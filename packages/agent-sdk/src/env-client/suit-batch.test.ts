import type { AutoresetMode, BatchSpec } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { suitBatch } from './suit-batch.ts';

const blank: BatchSpec = { autoresetModes: [], finalObservations: false, masks: false };

function serverOf(batch: BatchSpec | undefined, capabilities: readonly string[] = ['batch']) {
  const spec = { id: 'A-v0', arguments: [], nondeterministic: false, renderModes: [], description: '' };
  const connection = {
    server: {
      protocolVersion: { major: 1, minor: 2 },
      server: 'a test',
      capabilities,
      maxMessageBytes: 0,
      maxNumEnvs: 1024,
    },
    listings: 0,
    async listEnvs() {
      connection.listings++;
      return [{ ...spec, ...(batch !== undefined && { batch }) }];
    },
  };
  return connection;
}

const wanted = { numEnvs: 4, autoresetMode: 'same-step', isModeAsked: false } as const;

describe('suitBatch', () => {
  it.each<[string, Partial<BatchSpec>, AutoresetMode | undefined]>([
    ['its own, while nobody knows it', {}, undefined],
    ['same-step with true ends', { autoresetModes: ['same-step'], finalObservations: true }, 'same-step'],
    ['true ends before the default', { autoresetModes: ['same-step', 'next-step'] }, 'next-step'],
    ['the only one, true ends or not', { autoresetModes: ['same-step'] }, 'same-step'],
    ['next-step, where that is all', { autoresetModes: ['next-step'] }, 'next-step'],
    [
      'disabled, where a mask can be given',
      { autoresetModes: ['same-step', 'disabled'], masks: true },
      'disabled',
    ],
    ['not disabled without masks', { autoresetModes: ['same-step', 'disabled'] }, 'same-step'],
    [
      'the default, where all are there',
      { autoresetModes: ['next-step', 'same-step', 'disabled'], finalObservations: true, masks: true },
      'same-step',
    ],
  ])('takes %s', async (_, batch, mode) => {
    const suited = await suitBatch(serverOf({ ...blank, ...batch }), 'A-v0', wanted);
    expect(suited).toStrictEqual({ numEnvs: 4, ...(mode !== undefined && { autoresetMode: mode }) });
  });

  it('leaves a mode that somebody asked for to the server, which refuses it', async () => {
    const connection = serverOf({ ...blank, autoresetModes: ['next-step'] });
    const asked = { ...wanted, isModeAsked: true };
    expect(await suitBatch(connection, 'A-v0', asked)).toStrictEqual({
      numEnvs: 4,
      autoresetMode: 'same-step',
    });
  });

  it.each([
    [{ minNumEnvs: 64, maxNumEnvs: 64 }, 64],
    [{ maxNumEnvs: 3 }, 3],
    [{ minNumEnvs: 2, maxNumEnvs: 8 }, 4],
  ])('takes the nearest number out of %o', async (numbers, numEnvs) => {
    expect(await suitBatch(serverOf({ ...blank, ...numbers }), 'A-v0', wanted)).toMatchObject({ numEnvs });
  });

  it('changes nothing of other environments, and does not ask servers that know none', async () => {
    const plain = { numEnvs: 4, autoresetMode: 'same-step' };
    expect(await suitBatch(serverOf(undefined), 'A-v0', wanted)).toStrictEqual(plain);
    expect(
      await suitBatch(serverOf({ ...blank, autoresetModes: ['next-step'] }), 'B-v0', wanted),
    ).toStrictEqual(plain);
    const older = serverOf({ ...blank, autoresetModes: ['next-step'] }, ['vector']);
    expect(await suitBatch(older, 'A-v0', wanted)).toStrictEqual(plain);
    expect(older.listings).toBe(0);
  });
});
