/** A robot in a server: one control loop, one driver, and the sessions that take turns with it. */

import type { Env, EnvRegistration } from '@gymwire/env';
import { packValue } from '@gymwire/env/host';
import { GymwireError, type Info, type Seed } from '@gymwire/protocol';
import { type Logger, pino } from 'pino';
import { createRealClock } from './clock.ts';
import type { RobotDesk } from './robot-desk.ts';
import type { RobotDriver, RobotDriverModule } from './robot-driver.ts';
import { RobotEnv } from './robot-env.ts';
import { type LinkListeners, openLocalLink, openThreadLink, type RobotLink } from './robot-link.ts';
import type { LoopSettings, Observed, RobotEvent, RobotRequest } from './robot-messages.ts';
import { type RobotOptions, resolveLoopSettings } from './robot-options.ts';

/** A robot whose control loop runs. It gets a command at every tick until it is closed. */
export interface Robot {
  /**
   * What a registry takes. The environment is nondeterministic: no seed repeats the world. Its resets may take as long
   * as they like, unless `resetTimeoutMs` says otherwise.
   */
  registration(
    spec: Omit<EnvRegistration, 'make' | 'nondeterministic' | 'heavy' | 'module' | 'isolate' | 'maxMemoryMb'>,
  ): EnvRegistration;
  /** Makes the environment of one session. @throws GymwireError CAPACITY when the robot is taken and not shared */
  createEnv(): Env;
  /** At once, whoever is in control; holds, across sessions, until it is cleared and a reset follows. */
  emergencyStop(reason: string): void;
  /** The robot gets the safe action until a reset. A cause that goes on (a button that is still pressed) stops it again. */
  clearEmergencyStop(): void;
  /** Why it is stopped; undefined: it is not. */
  readonly emergency: string | undefined;
  /** Tells a reset that waits for a person that what it asked for is done. */
  confirm(): void;
  /** Stops, reports, instructions. @returns ends it */
  onEvent(listener: (event: RobotEvent) => void): () => void;
  /** The safe action, then no commands any more: the robot's own timeout takes over. */
  close(): Promise<void>;
}

/**
 * Connects to a robot and starts its control loop.
 * @throws GymwireError INVALID_ARGUMENT for bad options, and what the driver throws when it is made or opened
 */
export async function startRobot(options: RobotOptions): Promise<Robot> {
  const settings = resolveLoopSettings(options);
  const log = options.logger ?? pino({ name: 'gymwire-robot', level: 'info' }, pino.destination(2));
  const robot = new LinkedRobot(options, log);
  await robot.open(settings);
  return robot;
}

/** A reset may wait for a person. Timers go no further, which is 24 days. */
const longestMs = 2 ** 31 - 1;

type Answer = Extract<RobotEvent, { readonly id: number }>;

class LinkedRobot implements Robot, RobotDesk {
  readonly #options: RobotOptions;
  readonly #log: Logger;
  readonly #sessions = new Set<object>();
  readonly #listeners = new Set<(event: RobotEvent) => void>();
  readonly #waiting = new Map<number, (answer: Answer | Error) => void>();
  #link: RobotLink | undefined;
  #holder: object | undefined;
  #lastId = 0;
  #emergency: string | undefined;
  #death: Error | undefined;
  #standstill: Error | undefined;

  constructor(options: RobotOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  async open(settings: LoopSettings): Promise<void> {
    const { driver, clock = createRealClock(this.#options.pollMs), pollMs } = this.#options;
    const listeners: LinkListeners = {
      onEvent: (event) => this.#receive(event),
      onDeath: (error) => this.#die(error),
      onStandstill: (error) => this.#standStill(error),
    };
    this.#link = isModule(driver)
      ? await openThreadLink(driver, settings, pollMs, listeners)
      : await openLocalLink(driver, settings, clock, listeners);
  }

  registration(spec: Parameters<Robot['registration']>[0]): EnvRegistration {
    return { resetTimeoutMs: longestMs, ...spec, nondeterministic: true, make: () => this.createEnv() };
  }

  createEnv(): Env {
    if (this.#sessions.size > 0 && this.#options.isShared !== true) {
      throw new GymwireError(
        'CAPACITY',
        'the robot is in use: it takes one session at a time unless it is shared',
      );
    }
    const env = new RobotEnv(this, this.#options);
    this.#sessions.add(env);
    return env;
  }

  get emergency(): string | undefined {
    return this.#emergency;
  }

  emergencyStop(reason: string): void {
    this.#send({ kind: 'emergency-stop', reason });
  }

  clearEmergencyStop(): void {
    this.#send({ kind: 'clear-emergency-stop' });
  }

  confirm(): void {
    this.#send({ kind: 'confirm' });
  }

  onEvent(listener: (event: RobotEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#death !== undefined) return;
    this.#die(new Error('the robot was closed'), false);
    await this.#link?.close();
  }

  async reset(session: object, seed: Seed | undefined, options: Info): Promise<Observed> {
    this.#holder = session;
    return this.#ask((id) => ({ kind: 'reset', id, seed, options: packValue(options) }));
  }

  act(_session: object, values: Float64Array): Promise<Observed> {
    return this.#ask((id) => ({ kind: 'action', id, values }));
  }

  release(session: object, reason: string, mayResume: boolean): void {
    if (this.isHeldBy(session)) this.#send({ kind: 'release', reason, mayResume });
  }

  isHeldBy(session: object): boolean {
    return this.#holder === session;
  }

  leave(session: object): void {
    if (this.isHeldBy(session)) this.#holder = undefined;
    this.#sessions.delete(session);
  }

  #send(request: RobotRequest): void {
    if (this.#death === undefined) this.#link?.send(request);
  }

  async #ask(request: (id: number) => RobotRequest): Promise<Observed> {
    const none = this.#death ?? this.#standstill;
    if (none !== undefined) throw none;
    const id = ++this.#lastId;
    const answer = await new Promise<Answer | Error>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send(request(id));
    });
    if (answer instanceof Error) throw answer;
    if (answer.kind === 'failed') throw new Error(answer.message);
    return answer.observed;
  }

  #receive(event: RobotEvent): void {
    switch (event.kind) {
      case 'observed':
      case 'failed':
        this.#waiting.get(event.id)?.(event);
        this.#waiting.delete(event.id);
        return;
      case 'emergency-stop':
        this.#emergency = event.reason;
        break;
      case 'emergency-stop-cleared':
        this.#emergency = undefined;
        break;
      default:
    }
    this.#report(event);
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        // It may be called by the control loop, which is nobody's to break.
        this.#log.error({ err: thrown }, 'a listener of the robot failed');
      }
    }
  }

  /** Whoever waits is told; the loop's own watchdog acts first when it goes on. */
  #standStill(error: Error | undefined): void {
    const isNews = this.#standstill !== error;
    this.#standstill = error;
    if (error === undefined) return this.#log.warn('the control loop ticks again');
    if (isNews) this.#log.fatal(error.message);
    this.#failWaiting(error);
  }

  #report(event: Exclude<RobotEvent, Answer>): void {
    switch (event.kind) {
      case 'emergency-stop':
        return this.#log.error({ reason: event.reason }, 'emergency stop');
      case 'driver-fault':
        return this.#log.error(event.message);
      case 'stopped':
        return this.#log.warn({ reason: event.reason }, 'stopped: the robot gets the safe action');
      case 'instruction':
        return this.#log.warn(`waits for a person: ${event.message}`);
      case 'emergency-stop-cleared':
        return this.#log.info('emergency stop cleared; a reset must follow');
      case 'report':
        return this.#log.info(event.message);
    }
  }

  #die(error: Error, isFault = true): void {
    if (this.#death !== undefined) return;
    this.#death = error;
    if (isFault)
      this.#log.fatal({ err: error }, "the control loop is gone: the robot's own timeout must act");
    this.#failWaiting(error);
  }

  #failWaiting(error: Error): void {
    for (const tell of this.#waiting.values()) tell(error);
    this.#waiting.clear();
  }
}

function isModule(driver: RobotDriverModule | RobotDriver): driver is RobotDriverModule {
  return 'url' in driver;
}
