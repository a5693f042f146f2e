/** Which environments a server can make, and from what. */
import { type ArgumentSpec, type EnvSpec, GymwireError } from '@gymwire/protocol';
import type { ResolvedArguments } from './arguments.ts';
import type { Env } from './env.ts';
import type { MaybePromise } from './maybe-promise.ts';

/** One environment that can be made. */
export interface EnvRegistration {
  /** With a version: "Pendulum-v1". Changed physics or rewards get a new version. */
  readonly id: string;
  /** Called once for each copy that a session asks for. */
  readonly make: (args: ResolvedArguments) => MaybePromise<Env>;
  /** The keyword arguments that clients may set; nothing else is accepted. */
  readonly arguments?: readonly ArgumentSpec[];
  /** Episodes are truncated after this many steps. */
  readonly maxEpisodeSteps?: number;
  readonly rewardThreshold?: number;
  readonly nondeterministic?: boolean;
  /** What `Env.render` draws, usually ['rgb_array']. */
  readonly renderModes?: readonly string[];
  readonly renderFps?: number;
  readonly description?: string;
  /**
   * Steps take 50 µs or more, so that the environments of a vector session are worth worker threads; they get them
   * when `module` is there. Between steps such a thread sleeps, its timers and sockets with it.
   */
  readonly heavy?: boolean;
  /** Where a worker thread finds this registration: functions such as `make` cannot be sent to it. */
  readonly module?: RegistrationModule;
}

export interface RegistrationModule {
  /** Of an ES module, as `import.meta.url` has it. Each thread imports it anew: it must not start a server. */
  readonly url: string | URL;
  /** Its export that is the registration, or an array with it. */
  readonly exportName: string;
}

export interface EnvRegistry {
  /** @throws GymwireError INVALID_ARGUMENT when the id is taken or malformed */
  register(registration: EnvRegistration): void;
  /** @throws GymwireError UNKNOWN_ENV, naming what is served */
  find(id: string): EnvRegistration;
  list(): EnvSpec[];
}

const idPattern = /^(?:[\w.-]+\/)?[\w.-]+-v\d+$/;

export function createEnvRegistry(registrations: readonly EnvRegistration[] = []): EnvRegistry {
  const byId = new Map<string, EnvRegistration>();
  const registry: EnvRegistry = {
    register(registration) {
      const { id } = registration;
      if (!idPattern.test(id)) {
        throw new GymwireError(
          'INVALID_ARGUMENT',
          `env id: expected a name with a version such as Arm-v0, got ${id}`,
        );
      }
      if (byId.has(id)) throw new GymwireError('INVALID_ARGUMENT', `env id ${id} is registered already`);
      byId.set(id, registration);
    },
    find(id) {
      const registration = byId.get(id);
      if (registration === undefined) {
        const served = [...byId.keys()].join(', ') || 'nothing';
        throw new GymwireError('UNKNOWN_ENV', `no environment ${JSON.stringify(id)} here; served: ${served}`);
      }
      return registration;
    },
    list: () => [...byId.values()].map(specOf),
  };
  for (const registration of registrations) registry.register(registration);
  return registry;
}

export function specOf(registration: EnvRegistration): EnvSpec {
  const { id, maxEpisodeSteps, rewardThreshold, renderFps } = registration;
  return {
    id,
    arguments: registration.arguments ?? [],
    ...(maxEpisodeSteps === undefined ? {} : { maxEpisodeSteps }),
    ...(rewardThreshold === undefined ? {} : { rewardThreshold }),
    nondeterministic: registration.nondeterministic ?? false,
    renderModes: registration.renderModes ?? [],
    ...(renderFps === undefined ? {} : { renderFps }),
    description: registration.description ?? '',
  };
}
