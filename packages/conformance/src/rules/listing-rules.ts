import { type EnvSpec } from '@gymwire/protocol';
import { decodeEnvSpec } from '@gymwire/protocol/wire';
import { methods } from '../client/raw-client.ts';
import { argumentSpecs, envId, maxEpisodeSteps } from '../conformance-env.ts';
import { expectSame, expectThat, expectValue } from '../expectations.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';
import { Broken } from '../verdicts.ts';

async function listEnvs(probe: Probe): Promise<EnvSpec[]> {
  const { envs } = await probe.call(methods.ListEnvs, {});
  return envs.map(decodeEnvSpec);
}

export const listingRules: readonly Rule[] = [
  {
    id: 'listing.ids',
    about: 'server',
    requires: 'lists every environment once, with a version in its id',
    section: 'A client’s walk',
    async check(probe) {
      const ids = (await listEnvs(probe)).map(({ id }) => id);
      expectThat(new Set(ids).size === ids.length, `an id is listed twice: ${ids.join(', ')}`);
      for (const id of ids) expectThat(/-v\d+$/.test(id), `expected an id with a version, got ${id}`);
    },
  },
  {
    id: 'listing.spec',
    requires: `lists ${envId} as specified: absent fields absent, present zeros present`,
    section: 'gymwire/Conformance-v0',
    async check(probe) {
      const spec = (await listEnvs(probe)).find(({ id }) => id === envId);
      if (spec === undefined) throw new Broken(`${envId} is not listed`);
      const { rewardThreshold, nondeterministic, renderModes, renderFps } = spec;
      expectSame(
        [spec.maxEpisodeSteps, rewardThreshold, nondeterministic, renderModes, renderFps],
        [maxEpisodeSteps, 0, false, ['rgb_array'], 25],
        'max_episode_steps, reward_threshold, nondeterministic, render_modes, render_fps',
      );
    },
  },
  {
    id: 'listing.arguments',
    requires: 'lists the keyword arguments with types, defaults and ranges',
    section: 'gymwire/Conformance-v0',
    async check(probe) {
      const spec = (await listEnvs(probe)).find(({ id }) => id === envId);
      const got = spec?.arguments ?? [];
      expectSame(
        got.map(({ name }) => name),
        argumentSpecs.map(({ name }) => name),
        'names of the arguments',
      );
      for (const [i, { name, defaultValue, ...expected }] of argumentSpecs.entries()) {
        const { type, minimum, maximum, choices, length, defaultValue: gotDefault } = got[i] ?? {};
        expectSame(
          [type, minimum, maximum, choices, length],
          [expected.type, expected.minimum, expected.maximum, expected.choices, expected.length],
          `${name}: type, minimum, maximum, choices, length`,
        );
        expectValue(gotDefault, defaultValue, `${name}: default`);
      }
    },
  },
];
