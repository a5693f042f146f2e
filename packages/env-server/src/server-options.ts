/** Public options in, resolved options out; defaults and validation live here only. */
import { availableParallelism } from 'node:os';
import type { CallLimits, EnvRegistration } from '@gymwire/env';
import {
  checkToken,
  type GrpcHostOptions,
  integerOption,
  type ResolvedHostOptions,
  resolveHostOptions,
} from '@gymwire/grpc-host';
import { GymwireError, optionsFault, shown } from '@gymwire/protocol';
import type { Logger } from 'pino';
import { createEnvRegistry, type EnvRegistry } from './registry.ts';
import type { SessionLimits } from './session/session-store.ts';
import { defaultCallLimits } from './slots/call-limits.ts';
import { defaultMaxMessageBytes } from './slots/reply-budget.ts';

/**
 * What `startEnvServer` takes: what is served, where, to whom, and how much of it. Only `envs` must be given. The limits of calls
 * hold for registrations that have none of their own.
 */
export interface EnvServerOptions extends GrpcHostOptions, Partial<CallLimits> {
  /** What is served; those of Gymnasium are `builtinEnvs` of @gymwire/simulators. */
  readonly envs: readonly EnvRegistration[];
  /**
   * The token of whoever runs the server, for `OperatorService`, which lists sessions and ends them; another one than `token`,
   * with the same characters. Default: none, and the service is not offered.
   */
  readonly operatorToken?: string;
  /** Sessions open at a time; default 64. */
  readonly maxSessions?: number;
  /** Environments in one session; default 1024. */
  readonly maxNumEnvs?: number;
  /** Environments in all sessions together; default 4096. */
  readonly maxTotalEnvs?: number;
  /**
   * How many environments it is meant to step at a time: a fleet gives each of its servers a share in proportion. Limits nothing.
   * Default: as many as there are cores.
   */
  readonly capacity?: number;
  /**
   * Worker threads of one vector session whose environments are heavy (MuJoCo's, say); default: as many as there
   * are cores. 1: none, they run in the server's own thread.
   */
  readonly envThreads?: number;
  /** A session without a stream is closed after this long without a call; default 10 minutes. */
  readonly idleTimeoutMs?: number;
  /**
   * An entry of an info that has no place on the wire (a Date, a Map, a function) fails the step or reset, with its
   * path. Default false: it is left out, named in the info's `gymwire_left_out`, and told once in the log.
   */
  readonly strictInfo?: boolean;
  /** Where the server reports; default: warnings as JSON lines on stderr. */
  readonly logger?: Logger;
}

export interface ResolvedServerOptions extends SessionLimits, ResolvedHostOptions {
  readonly registry: EnvRegistry;
  readonly operatorToken: string | undefined;
  readonly envThreads: number;
  readonly capacity: number;
  readonly maxMessageBytes: number;
}

/** @throws GymwireError INVALID_ARGUMENT, naming the option, what it takes and what came */
export function resolveServerOptions(options: EnvServerOptions): ResolvedServerOptions {
  refuseOtherNames(options);
  const maxSessions = integerOption('maxSessions', options.maxSessions ?? 64, 1, 1e6);
  const { maxMessageBytes = defaultMaxMessageBytes } = options;
  const registry = registryOf(options.envs);
  const sessionFiles = isAnyIsolated(options.envs) ? filesOfIsolated * maxSessions : 0;
  const usualConnections = Math.max(1000, 4 * maxSessions);
  const hosting = resolveHostOptions({ ...options, maxMessageBytes }, usualConnections, sessionFiles);
  return {
    ...hosting,
    registry,
    operatorToken: operatorTokenOf(options, hosting.token),
    maxSessions,
    maxNumEnvs: integerOption('maxNumEnvs', options.maxNumEnvs ?? 1024, 1, 1e6),
    maxTotalEnvs: integerOption('maxTotalEnvs', options.maxTotalEnvs ?? 4096, 1, 1e6),
    capacity: integerOption('capacity', options.capacity ?? availableParallelism(), 1, 1e6),
    envThreads: integerOption('envThreads', options.envThreads ?? availableParallelism(), 1, 1024),
    idleTimeoutMs: integerOption('idleTimeoutMs', options.idleTimeoutMs ?? 600_000, 1, 2 ** 31 - 1),
    ...callLimits(options),
    strictInfo: options.strictInfo ?? false,
  };
}

const optionNames = Object.keys({
  envs: true,
  operatorToken: true,
  maxSessions: true,
  maxNumEnvs: true,
  maxTotalEnvs: true,
  capacity: true,
  envThreads: true,
  idleTimeoutMs: true,
  strictInfo: true,
  logger: true,
  host: true,
  port: true,
  token: true,
  tls: true,
  insecure: true,
  maxMessageBytes: true,
  drainTimeoutMs: true,
  maxConnections: true,
  makeTimeoutMs: true,
  resetTimeoutMs: true,
  stepTimeoutMs: true,
  firstStepTimeoutMs: true,
  closeTimeoutMs: true,
} satisfies Record<keyof EnvServerOptions, true>);

/** In JavaScript a misspelt `token` would be none. @throws GymwireError INVALID_ARGUMENT */
function refuseOtherNames(options: EnvServerOptions): void {
  const fault = optionsFault('startEnvServer', options, optionNames, '{ envs: [arm] }');
  if (fault !== undefined) throw new GymwireError('INVALID_ARGUMENT', fault);
}

/** The pipes of a session's process; those of a thread are fewer. */
const filesOfIsolated = 4;

function isAnyIsolated(envs: readonly EnvRegistration[]): boolean {
  return envs.some(({ isolate }) => isolate !== undefined);
}

/** @throws GymwireError INVALID_ARGUMENT: nothing is served by default */
function registryOf(envs: readonly EnvRegistration[] | undefined): EnvRegistry {
  if (Array.isArray(envs) && envs.length > 0) return createEnvRegistry(envs);
  if (typeof envs === 'object' && 'make' in envs) {
    throw new GymwireError(
      'INVALID_ARGUMENT',
      'envs: expected an array of registrations, got one: put it into brackets',
    );
  }
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `envs: expected the registrations that are to be served, got ${Array.isArray(envs) ? 'none' : shown(envs)}; ` +
      'those of Gymnasium are builtinEnvs of @gymwire/simulators',
  );
}

/** Those that were given: what the others are is decided for each session. */
function callLimits(options: EnvServerOptions): Partial<CallLimits> {
  const names = Object.keys(defaultCallLimits) as ReadonlyArray<keyof CallLimits>;
  const given = names.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name, integerOption(name, value, 1, 2 ** 31 - 1)] as const];
  });
  return Object.fromEntries(given);
}

/** @throws GymwireError INVALID_ARGUMENT */
function operatorTokenOf({ operatorToken }: EnvServerOptions, token: string | undefined): string | undefined {
  if (operatorToken === undefined) return undefined;
  const checked = checkToken('operatorToken', operatorToken);
  if (checked !== token) return checked;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    'operatorToken: expected another token than that of the clients',
  );
}
