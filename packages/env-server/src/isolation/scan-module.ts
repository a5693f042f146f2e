/** Which registrations a module exports, as data: what of it a server needs that does not import the module itself. */

import { serialize } from 'node:v8';
import type { EnvRegistration } from '@gymwire/env';
import { type PortableValue, packValue, unpackValue } from '@gymwire/env/host';
import { type ArgumentSpec, GymwireError, messageOf } from '@gymwire/protocol';
import { checkRegistration, registrationFields } from '../check-registration.ts';
import { importModule } from '../threads/import-registration.ts';

export interface ScanRequest {
  readonly url: string;
  /** Undefined: every export. */
  readonly exportName: string | undefined;
}

/** A registration of the module, found in one of its exports. */
export interface ScannedRegistration {
  readonly exportName: string;
  readonly registration: EnvRegistration;
}

/** The same, as a message may carry it. */
export interface PortableRegistration {
  readonly exportName: string;
  readonly fields: Omit<EnvRegistration, 'make' | 'module' | 'arguments'>;
  readonly arguments: ReadonlyArray<{
    readonly spec: Omit<ArgumentSpec, 'defaultValue'>;
    readonly defaultValue: PortableValue;
  }>;
}

/**
 * Imports the module.
 * @throws GymwireError INVALID_ARGUMENT when it cannot be imported, or what it exports is none, or says two things
 */
export async function scanModule({ url, exportName }: ScanRequest): Promise<readonly ScannedRegistration[]> {
  const exports = await importModule(url).catch((cause: unknown) => {
    throw new GymwireError('INVALID_ARGUMENT', `it cannot be imported: ${importFault(cause)}`, { cause });
  });
  const chosen = exportName === undefined ? Object.keys(exports) : [exportName];
  const found = chosen.flatMap((name) => registrationsIn(name, exports[name], exportName !== undefined));
  if (found.length === 0) {
    const names = Object.keys(exports).join(', ') || 'nothing';
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `expected an export that is a registration ({ id: 'Arm-v0', make: () => … }) or an array of them; it exports: ${names}`,
    );
  }
  return distinct(found).map(plain);
}

function registrationsIn(
  exportName: string,
  exported: unknown,
  isNamed: boolean,
): readonly ScannedRegistration[] {
  const items: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  const odd = items.findIndex((item) => !isRegistration(item));
  if (odd < 0)
    return (items as readonly EnvRegistration[]).map((registration) => ({ exportName, registration }));
  // What a module exports beside its registrations is its own affair, but half of an array is a mistake.
  if (!isNamed && !items.some(isRegistration)) return [];
  const where = Array.isArray(exported)
    ? `item ${odd} of the export ${exportName}`
    : `the export ${exportName}`;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${where} is no registration: expected an object with an id and a function make`,
  );
}

function isRegistration(value: unknown): value is EnvRegistration {
  if (typeof value !== 'object' || value === null) return false;
  const { id, make } = value as { readonly id?: unknown; readonly make?: unknown };
  return typeof id === 'string' && typeof make === 'function';
}

/** The same object may be exported under several names; two objects with one id say two things. */
function distinct(found: readonly ScannedRegistration[]): readonly ScannedRegistration[] {
  const byId = new Map<string, ScannedRegistration>();
  for (const scanned of found) {
    const { id } = scanned.registration;
    const before = byId.get(id);
    if (before === undefined) byId.set(id, scanned);
    else if (before.registration !== scanned.registration) {
      throw new GymwireError(
        'INVALID_ARGUMENT',
        `${id} is exported twice, by ${before.exportName} and by ${scanned.exportName}, and these are two registrations`,
      );
    }
  }
  return [...byId.values()];
}

/** What it says, read once: fields, getters and what a class inherits. What else it has is its own affair. */
function plain({ exportName, registration }: ScannedRegistration): ScannedRegistration {
  const fields: Record<string, unknown> = {};
  for (const name of registrationFields) {
    const value = fieldOf(exportName, registration, name);
    if (value !== undefined) fields[name] = value;
  }
  checkRegistration(registration);
  const { id } = registration;
  const make: EnvRegistration['make'] = (args) => registration.make(args);
  return { exportName, registration: { ...(fields as Partial<EnvRegistration>), id, make } };
}

function fieldOf(exportName: string, registration: EnvRegistration, name: string): unknown {
  const refuse = (why: string, cause?: unknown) =>
    new GymwireError('INVALID_ARGUMENT', `${registration.id} (the export ${exportName}): ${name}: ${why}`, {
      cause,
    });
  let value: unknown;
  try {
    value = Reflect.get(registration, name);
    // What no process could be told.
    if (name !== 'make' && name !== 'module') serialize(value);
  } catch (cause) {
    throw refuse(`expected data: ${messageOf(cause)}`, cause);
  }
  return value;
}

function importFault(cause: unknown): string {
  const message = messageOf(cause);
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  if (code !== 'ERR_UNKNOWN_FILE_EXTENSION' || !/\.[cm]?tsx?\b/.test(message)) return message;
  return (
    `Node ${process.versions.node} runs no TypeScript by itself: compile it and name the .js file, ` +
    'or use Node 22.18 or later, which strips types'
  );
}

export function packRegistration({ exportName, registration }: ScannedRegistration): PortableRegistration {
  const { make: _, module: __, arguments: specs = [], ...fields } = registration;
  return {
    exportName,
    fields,
    arguments: specs.map(({ defaultValue, ...spec }) => ({ spec, defaultValue: packValue(defaultValue) })),
  };
}

/** Its environments are made elsewhere. */
export function unpackRegistration(packed: PortableRegistration): ScannedRegistration {
  const { exportName, fields, arguments: specs } = packed;
  const make = () => {
    throw new Error(`${fields.id} is made where its sessions are`);
  };
  const args = specs.map(({ spec, defaultValue }) => ({ ...spec, defaultValue: unpackValue(defaultValue) }));
  return { exportName, registration: { ...fields, make, arguments: args } };
}
