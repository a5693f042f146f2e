/** Environments of several servers, held against each other. */
import { isDeepStrictEqual } from 'node:util';
import type { RemoteVectorEnv } from './connection.ts';

type Kindred = Pick<
  RemoteVectorEnv,
  'observationSpace' | 'actionSpace' | 'autoresetMode' | 'spec' | 'made' | 'episodeSeeding'
>;

/** What a learner or a user relies on. */
export function kindOf({
  observationSpace,
  actionSpace,
  autoresetMode,
  spec,
  made,
  episodeSeeding,
}: Kindred) {
  const values = spec.arguments.map(({ name, defaultValue }) => [name, defaultValue]);
  // How many environments a session may have is a host's own affair.
  const { minNumEnvs: _min, maxNumEnvs: _max, ...batch } = spec.batch ?? {};
  return {
    batch: spec.batch && batch,
    observationSpace,
    actionSpace,
    autoresetMode,
    episodeSeeding,
    id: spec.id,
    maxEpisodeSteps: made.maxEpisodeSteps,
    arguments: values,
  };
}

/** Names what differs first; undefined where nothing does. @param except what may differ */
export function differenceOf(model: Kindred, env: Kindred, except?: 'autoresetMode'): string | undefined {
  const [wanted, found] = [kindOf(model), kindOf(env)];
  return Object.keys(wanted).find((name) => {
    const key = name as keyof typeof wanted;
    return name !== except && !isDeepStrictEqual(wanted[key], found[key]);
  });
}
