/** The infos of environments that are called together: copied, and what has no place on the wire left out or refused. */

import { tellOperator } from '@gymwire/env/host';
import { type Foreign, GymwireError, type Info, takeDict, takeScalars } from '@gymwire/protocol';
import { describeType } from './describe-type.ts';
import type { ReplyBudget } from './reply-budget.ts';

/** The key that names what is missing: a dictionary of paths, and why. */
const leftOutKey = 'gymwire_left_out';

/** Infos with more entries are counted, whatever these are. */
const fewEntries = 1000;

/** Entries of one info that are named; and of different ones that are told of, of one session. */
const maxNamed = 100;

/** What every empty info is taken as: most are, and whoever gathers them need not look into each. */
export const noInfo: Info = takeScalars({}) ?? {};

/** @throws GymwireError ENV_FAILED for what is no info, for one that is too large, and for a foreign entry if strict */
export type TakeInfo = (info: unknown, what: string) => Info;

export function createTakeInfo(envId: string, isStrict: boolean, budget: ReplyBudget): TakeInfo {
  const told = new Set<string>();
  const tell = ({ path, why }: Foreign) => {
    if (told.has(path) || told.size === maxNamed) return;
    told.add(path);
    const message = `${envId}: ${path} is left out of infos: ${why} (with --strict-info such a step fails)`;
    tellOperator({ source: envId, kind: 'info', where: path, message, fields: { env: envId, path } });
  };
  return (info, what) => {
    if (typeof info !== 'object' || info === null) throw notInfo(what, info);
    const scalars = takeScalars(info, fewEntries);
    if (scalars !== undefined) return scalars;
    const excess = budget.infoExcess(info as Info);
    if (excess !== undefined) throw fault(`${what}: the simulator returned too large an info: ${excess}`);
    const { value, foreign } = takeDict(info, 'info');
    const [first] = foreign;
    if (first === undefined) return value;
    // Without its root there is no info to leave anything out of.
    if (isStrict || first.path === 'info') {
      const message = `${what}: the simulator returned an info that cannot travel: ${first.path}: ${first.why}`;
      throw fault(message, { where: first.path });
    }
    for (const one of foreign) tell(one);
    return { ...value, [leftOutKey]: named(foreign) };
  };
}

function named(foreign: readonly Foreign[]): Info {
  const paths = Object.fromEntries(foreign.slice(0, maxNamed).map(({ path, why }) => [path, why]));
  return foreign.length <= maxNamed ? paths : { ...paths, '…': `and ${foreign.length - maxNamed} more` };
}

function notInfo(what: string, info: unknown): GymwireError {
  const expected = 'an observation and an info dictionary';
  return fault(`${what}: the simulator must return ${expected}, got the info ${describeType(info)}`);
}

function fault(message: string, details: Readonly<Record<string, string>> = {}): GymwireError {
  return new GymwireError('ENV_FAILED', message, { details });
}
