import type { BatchSpec, Space } from '@gymwire/protocol';
import { expect, it } from 'vitest';
import { kindOf } from './env-kind.ts';

const space: Space = { type: 'discrete', dtype: 'int64', n: 2n, start: 0n };

function made(batch?: BatchSpec) {
  const spec = {
    id: 'A-v0',
    description: '',
    nondeterministic: false,
    renderModes: [],
    arguments: [],

    ...(batch && { batch }),
  };
  return kindOf({
    observationSpace: space,
    actionSpace: space,
    autoresetMode: 'next-step',
    spec,
    made: { arguments: {}, maxEpisodeSteps: 0 },
    episodeSeeding: undefined,
  });
}

it('batch simulators are alike where they can do the same, however many environments each has', () => {
  const batch: BatchSpec = { autoresetModes: ['next-step'], finalObservations: false, masks: false };
  expect(made({ ...batch, minNumEnvs: 4, maxNumEnvs: 4 })).toEqual(
    made({ ...batch, minNumEnvs: 8, maxNumEnvs: 8 }),
  );
  expect(made({ ...batch, masks: true })).not.toEqual(made(batch));
  expect(made({ ...batch, finalObservations: true })).not.toEqual(made(batch));
  expect(made()).not.toEqual(made(batch));
});
