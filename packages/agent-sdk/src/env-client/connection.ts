/** One channel to one server, after the handshake. */
import {
  type EnvSpec,
  GymwireError,
  optionsFault,
  type ServerDescription,
  type SessionOptions,
  shown,
} from '@gymwire/protocol';
import { decodeEnvSpec, envService, parseServerAddress } from '@gymwire/protocol/wire';
import type { FleetPlaces, VectorReset, VectorStep } from '../rollout/vector-env.ts';
import { type ConnectOptions, resolveConnectOptions } from './connect-options.ts';
import { type ConnectionEvent, Listeners } from './connection-event.ts';
import { EnvChannel } from './env-channel.ts';
import { EnvClient } from './env-client.ts';
import { shakeHands } from './handshake.ts';
import { RemoteSession } from './remote-session.ts';
import { VectorEnvClient } from './vector-env-client.ts';

/**
 * What `make` takes beside the environment's id. Its own keyword arguments go into `arguments`:
 * `make('Pendulum-v1', { arguments: { g: 9.81 } })`.
 */
export type MakeOptions = Omit<SessionOptions, 'envId' | 'numEnvs' | 'autoresetMode'>;

/** What `makeVector` takes beside the environment's id: what `make` does, and how many are stepped together. */
export interface MakeVectorOptions extends Omit<SessionOptions, 'envId'> {
  /** How many environments are stepped together. */
  readonly numEnvs: number;
  /** The signal that ends waiting for a broken connection: that of `connect`, for this session alone. */
  readonly reconnectSignal?: AbortSignal;
}

/** Environments that are stepped together, as `makeVector` makes them: on one server or, of a fleet, on several. */
export interface RemoteVectorEnv extends Omit<VectorEnvClient, 'reset' | 'step'> {
  /** Where they are; absent: on one server. */
  readonly places?: FleetPlaces;
  /** Starts episodes; of a fleet, `lost` may name environments beside those of the mask. */
  reset(...args: Parameters<VectorEnvClient['reset']>): Promise<VectorReset>;
  /** Steps all environments once; of a fleet, single ones may be `lost` or `absent`. */
  step(...args: Parameters<VectorEnvClient['step']>): Promise<VectorStep>;
}

/** A server that answered, from `connect`: makes environments on it. */
export interface EnvConnection {
  /** The server's address, "host:port" or "unix:" and an absolute path. */
  readonly address: string;
  /** What the server said of itself when it was connected to. */
  readonly server: ServerDescription;
  /** What the server offers, as it can be made. @throws GymwireError SERVER_UNAVAILABLE, DEADLINE_EXCEEDED … */
  listEnvs(): Promise<EnvSpec[]>;
  /** Makes one environment. @throws GymwireError with the server's code */
  make(envId: string, options?: MakeOptions): Promise<EnvClient>;
  /** Makes `numEnvs` environments that are stepped together. */
  makeVector(envId: string, options: MakeVectorOptions): Promise<RemoteVectorEnv>;
  /** The same connection with steps that wait for every host, of a fleet whose steps do not; absent: they do anyway. */
  readonly strict?: EnvConnection;
  /**
   * Hears of sessions whose connections break, and of a fleet's hosts, beside `onReconnect` and `onFleet`.
   * @param listener must not throw
   * @returns what ends the listening
   */
  readonly listen?: (listener: (event: ConnectionEvent) => void) => () => void;
  /** Closes the channel. Sessions that were not closed stay on the server until they are idle for too long. */
  close(): void;
}

/**
 * Connects and shakes hands.
 *
 * ```ts from test/snippets/step.ts#connect
 * const connection = await connect(address);
 * const env = await connection.make('Pendulum-v1');
 * const first = await env.reset({ seed: 42 });
 * const second = await env.step([0.5]);
 * connection.close();
 * ```
 * @param address "host:port", or "unix:/run/gym.sock" for a server on this machine
 * @throws GymwireError INVALID_ARGUMENT, SERVER_UNAVAILABLE, UNAUTHENTICATED, TLS_FAILED, VERSION_MISMATCH, NOT_GYMWIRE,
 * DEADLINE_EXCEEDED
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<EnvConnection> {
  const resolved = resolveConnectOptions(options);
  const { text } = parseServerAddress(address, resolved.tls !== undefined);
  const listeners = new Listeners<ConnectionEvent>();
  const { onReconnect } = resolved;
  const channel = new EnvChannel(text, {
    ...resolved,
    onReconnect(event) {
      listeners.tell(event);
      return onReconnect(event);
    },
  });
  try {
    return createConnection(channel, await shakeHands(channel), listeners);
  } catch (error) {
    channel.close();
    throw error;
  }
}

const sessionOptionNames = ['arguments', 'renderMode', 'maxEpisodeSteps', 'outOfBoundsRule'] as const;
const vectorOptionNames = [...sessionOptionNames, 'numEnvs', 'autoresetMode', 'reconnectSignal'] as const;

/** In JavaScript a misspelt option would be none: a robot's `outOfBoundsRule` must not get lost that way. */
function checkMaking(
  [maker, example]: readonly [maker: string, example: string],
  envId: string,
  options: object,
  known: readonly string[],
): void {
  const fault =
    typeof envId === 'string'
      ? optionsFault(maker, options, known, example)?.concat(
          '; keyword arguments of the environment go into arguments',
        )
      : `${maker}: envId: expected a name such as Pendulum-v1, got ${shown(envId)}`;
  if (fault !== undefined) throw new GymwireError('INVALID_ARGUMENT', fault);
}

/** Without a number the server would make a single environment. */
function checkNumber({ numEnvs }: MakeVectorOptions): void {
  if (typeof numEnvs === 'number') return;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `makeVector: numEnvs: expected the number of environments, got ${shown(numEnvs)}`,
  );
}

function createConnection(
  channel: EnvChannel,
  server: ServerDescription,
  listeners: Listeners<ConnectionEvent>,
): EnvConnection {
  return {
    address: channel.address,
    server,
    async listEnvs() {
      const { callDeadlineMs } = channel.options;
      const reply = await channel.call(envService.ListEnvs, callDeadlineMs, {});
      return reply.envs.map(decodeEnvSpec);
    },
    async make(envId, makeOptions = {}) {
      checkMaking(['make', '{ maxEpisodeSteps: 200 }'], envId, makeOptions, sessionOptionNames);
      return new EnvClient(await RemoteSession.open(channel, { envId, ...makeOptions }));
    },
    async makeVector(envId, makeOptions) {
      checkMaking(['makeVector', '{ numEnvs: 4 }'], envId, makeOptions, vectorOptionNames);
      checkNumber(makeOptions);
      return new VectorEnvClient(await RemoteSession.open(channel, { envId, ...makeOptions }), server);
    },
    listen: (listener) => listeners.add(listener),
    close: () => channel.close(),
  };
}
