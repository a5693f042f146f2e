/** Methods and attributes beyond Gymnasium's own: the operator lists them, and nothing else is called or read. */

import type { Env, ListedMembers } from '@gymwire/env';
import { GymwireError } from '@gymwire/protocol';

const pattern = /^[A-Za-z]\w*$/;

/** The server's own to call: their order and limits are its concern. */
const ownMembers = ['reset', 'step', 'render', 'detach', 'close'] satisfies ReadonlyArray<keyof Env>;

/** @throws GymwireError INVALID_ARGUMENT, with what to do */
export function checkListed(envId: string, { methods = [], attributes = [] }: ListedMembers): void {
  const seen = new Set<string>();
  for (const [kind, names] of Object.entries({ methods, attributes })) {
    for (const name of names) {
      const refuse = (why: string) => {
        throw new GymwireError('INVALID_ARGUMENT', `${envId}: ${kind}: ${JSON.stringify(name)} ${why}`);
      };
      if (typeof name !== 'string' || !pattern.test(name)) {
        refuse('is no name that clients could use: a letter, then letters, digits and underscores');
      }
      if (ownMembers.some((own) => own === name) || name in Object.prototype) {
        refuse("cannot be listed: it is the server's own to call");
      }
      if (seen.has(name)) refuse('is listed twice');
      seen.add(name);
    }
  }
}

/** @throws GymwireError UNSUPPORTED, naming what is listed */
export function expectListed(
  what: 'call' | 'read',
  name: string,
  envId: string,
  listed: readonly string[] = [],
): void {
  if (listed.includes(name)) return;
  const kind = what === 'call' ? 'method' : 'attribute';
  throw new GymwireError(
    'UNSUPPORTED',
    `${what}: ${envId} lists no ${kind} ${JSON.stringify(name)}; it lists: ${listed.join(', ') || 'none'}`,
  );
}
