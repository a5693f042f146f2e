/** Registrations of modules, as threads and processes that host environments import them. */

import type { EnvRegistration } from '@gymwire/env';
import { GymwireError } from '@gymwire/protocol';

/** Known to every copy of this package in a thread: a module of users may bring its own. */
const mark = Symbol.for('gymwire.importing-registration');

/**
 * @throws what the module throws; GymwireError ENV_FAILED when the registration is not where it should be,
 * INVALID_ARGUMENT when the module starts a server
 */
export async function importRegistration(
  envId: string,
  { url, exportName }: { readonly url: string; readonly exportName: string },
): Promise<EnvRegistration> {
  const exported = (await importModule(url))[exportName];
  const registrations = (Array.isArray(exported) ? exported : [exported]) as readonly EnvRegistration[];
  const registration = registrations.find((candidate) => candidate?.id === envId);
  if (registration !== undefined) return registration;
  throw new GymwireError(
    'ENV_FAILED',
    `${envId}: expected its registration in the export ${exportName} of ${url}; it is not there`,
  );
}

export async function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  Reflect.set(globalThis, mark, true);
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } finally {
    Reflect.set(globalThis, mark, false);
  }
}

/** @throws GymwireError INVALID_ARGUMENT where a module of registrations is being imported, which would start a server for each session */
export function refuseWhileImporting(): void {
  if (Reflect.get(globalThis, mark) !== true) return;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    'a module that is imported for its registrations starts a server: each session would start one; ' +
      'put the registrations into a module of their own',
  );
}
