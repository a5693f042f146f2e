/** Which environments a server can make, and from what. */

import { type CallLimits, type EnvRegistration, isolations } from '@gymwire/env';
import { type EnvSpec, GymwireError, nearestName, shown } from '@gymwire/protocol';
import { checkRegistration } from './check-registration.ts';
import { checkListed } from './listed-members.ts';
import { defaultCallLimits } from './slots/call-limits.ts';

/** Environments by their ids. */
export interface EnvRegistry {
  /** Adds one. @throws GymwireError INVALID_ARGUMENT when the id is taken or malformed */
  register(registration: EnvRegistration): void;
  /** The one of an id. @throws GymwireError UNKNOWN_ENV, naming what is served */
  find(id: string): EnvRegistration;
  /** What clients are told of each. */
  list(): EnvSpec[];
}

const maxInt32 = 2 ** 31 - 1;
const limitNames = Object.keys(defaultCallLimits) as ReadonlyArray<keyof CallLimits>;

const idPattern = /^(?:[\w.-]+\/)?[\w.-]+-v\d+$/;

/** A registry of these. @throws GymwireError INVALID_ARGUMENT as `register` does */
export function createEnvRegistry(registrations: readonly EnvRegistration[] = []): EnvRegistry {
  const byId = new Map<string, EnvRegistration>();
  const registry: EnvRegistry = {
    register(registration) {
      checkRegistration(registration);
      const { id } = registration;
      if (!idPattern.test(id)) {
        throw new GymwireError(
          'INVALID_ARGUMENT',
          `env id: expected a name with a version such as Arm-v0, got ${id}`,
        );
      }
      if (byId.has(id)) throw new GymwireError('INVALID_ARGUMENT', `env id ${id} is registered already`);
      checkHosting(registration);
      checkListed(id, registration);
      byId.set(id, registration);
    },
    find(id) {
      const registration = byId.get(id);
      if (registration === undefined) {
        const served = [...byId.keys()].join(', ') || 'nothing';
        const nearest = nearestName(id, [...byId.keys()]);
        const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`;
        throw new GymwireError(
          'UNKNOWN_ENV',
          `no environment ${JSON.stringify(id)} here; served: ${served}${meant}`,
        );
      }
      return registration;
    },
    list: () => [...byId.values()].map(specOf),
  };
  for (const registration of registrations) registry.register(registration);
  return registry;
}

/** @throws GymwireError INVALID_ARGUMENT, with what to do */
function checkHosting(registration: EnvRegistration): void {
  const { id, isolate, module, maxMemoryMb } = registration;
  const refuse = (why: string) => {
    throw new GymwireError('INVALID_ARGUMENT', `${id}: ${why}`);
  };
  if (isolate !== undefined && !isolations.includes(isolate)) {
    refuse(`isolate: expected one of ${isolations.join(', ')}, got ${JSON.stringify(isolate)}`);
  }
  if (isolate !== undefined && module === undefined) {
    refuse(
      `isolate: a ${isolate} imports the registration anew, since a function such as make cannot be sent to it; ` +
        'export the registration from a module that starts no server, and name both: ' +
        "module: { url: import.meta.url, exportName: '…' }; without isolate it runs in the server's own thread",
    );
  }
  if (maxMemoryMb !== undefined && isolate === undefined) {
    refuse(
      "maxMemoryMb: only an isolated session's memory can be limited; say isolate: 'worker' or 'process'",
    );
  }
  for (const name of ['maxMemoryMb', ...limitNames] as const) {
    const value = registration[name];
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= maxInt32)) continue;
    refuse(`${name}: expected an integer from 1 to ${maxInt32}, got ${shown(value)}`);
  }
}

export function specOf(registration: EnvRegistration): EnvSpec {
  const { id, maxEpisodeSteps, rewardThreshold, renderFps, methods = [], attributes = [] } = registration;
  return {
    id,
    arguments: registration.arguments ?? [],
    ...(maxEpisodeSteps === undefined ? {} : { maxEpisodeSteps }),
    ...(rewardThreshold === undefined ? {} : { rewardThreshold }),
    nondeterministic: registration.nondeterministic ?? false,
    renderModes: registration.renderModes ?? [],
    ...(renderFps === undefined ? {} : { renderFps }),
    description: registration.description ?? '',
    ...(methods.length === 0 ? {} : { methods }),
    ...(attributes.length === 0 ? {} : { attributes }),
  };
}
