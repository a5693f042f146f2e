import {
  type AutoresetMode,
  type BatchSpec,
  type EnvSpec,
  type Frame,
  GymwireError,
  type Space,
  type Value,
  type VectorResetOptions,
  type VectorStepOptions,
} from '@gymwire/protocol';
import { type Action, encodeAction } from '../env-client/action-encoding.ts';
import type { RemoteVectorEnv } from '../env-client/connection.ts';
import { checkResetNames } from '../env-client/env-client.ts';
import type { CallOptions, Selection } from '../env-client/listed-members.ts';
import type { EpisodeSeeding, FleetPlaces, MadeEnv, VectorReset, VectorStep } from '../rollout/vector-env.ts';
import { joinBatches, sliceBatch } from './batch-parts.ts';
import type { EnvPlacer } from './env-placer.ts';
import { refuseNonFinite } from './finite-actions.ts';
import type { FleetMember } from './fleet-member.ts';
import type { ResolvedFleetOptions } from './fleet-options.ts';
import type { HostBook } from './host-book.ts';
import { joinInfos, joinSteps, rowsOf, standstill } from './join-steps.ts';
import { MemberCalls } from './member-calls.ts';
import { checkNextSeeds } from './next-seeds.ts';
import { splitReset } from './split-reset.ts';
import { isSlowAnswer, waitForMost } from './wait-for-most.ts';

/**
 * Environments on several servers as one vector environment: a step goes to all of them at once, and what they answer is
 * put together in the order of the environments. Which host one is on changes nothing that is told of it.
 */
export class FleetEnv implements RemoteVectorEnv {
  readonly spec: EnvSpec;
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly made: MadeEnv;
  /** `with-step` where the hosts have the capability `step-seeds`; all have it, or none. Of batch simulators, as of theirs. */
  readonly episodeSeeding: EpisodeSeeding | undefined;
  readonly #book: HostBook;
  readonly #calls: MemberCalls;
  readonly #options: ResolvedFleetOptions;
  /** In the order of their environments. */
  #members: readonly FleetMember[];
  /** The call under way. */
  #call: Promise<unknown> | undefined;
  /** Some environments have stepped and others have not: all must be reset. */
  #isTorn = false;
  /** Environments whose episode has ended and not begun anew; of `same-step` none ever. */
  #ended: readonly boolean[] = [];
  #isClosed = false;
  /** How long half of the environments took in the last step; of an elastic fleet. */
  #halfMs = Infinity;

  constructor(
    book: HostBook,
    placer: EnvPlacer,
    options: ResolvedFleetOptions,
    members: readonly FleetMember[],
  ) {
    const [{ env }] = members;
    this.spec = env.spec;
    this.numEnvs = members.reduce((sum, { count }) => sum + count, 0);
    this.autoresetMode = env.autoresetMode;
    this.observationSpace = env.observationSpace;
    this.actionSpace = env.actionSpace;
    this.made = env.made;
    this.episodeSeeding = env.episodeSeeding;
    this.#book = book;
    this.#calls = new MemberCalls(book, placer, env.observationSpace);
    this.#options = options;
    this.#members = members;
  }

  get envId(): string {
    return this.spec.id;
  }

  get batch(): BatchSpec | undefined {
    return this.spec.batch;
  }

  get maxEpisodeSteps(): number | undefined {
    return this.spec.maxEpisodeSteps;
  }

  get places(): FleetPlaces {
    const hosts = this.#members.map(({ host }) => host.name);
    return { mode: this.#options.mode, hosts: [...new Set(hosts)] };
  }

  /** Milliseconds that the wire took so far, on this side; of sessions that were lost it is forgotten. */
  get wireMs(): number {
    return this.#members.reduce((sum, { env }) => sum + env.wireMs, 0);
  }

  /**
   * Starts episodes, everywhere or by mask. Of a mask that leaves environments out whose session is gone, `lost` tells.
   * @throws GymwireError EPISODE_LOST when nothing is left of what the mask leaves out; as a single server's reset
   */
  reset(options: VectorResetOptions = {}): Promise<VectorReset> {
    return this.#alone(() => this.#reset(options));
  }

  /**
   * Steps all environments once.
   * @param actions for a Box: [numEnvs, …shape] numbers in C order, environment units
   * @param options with `nextSeeds`, one an environment
   * @throws GymwireError EPISODE_LOST when all episodes are gone; those of some hosts alone are in `lost`
   */
  step(actions: Action, options: VectorStepOptions = {}): Promise<VectorStep> {
    return this.#alone(() => this.#step(actions, options));
  }

  async render(envIndex = 0): Promise<Frame> {
    const member = this.#memberOf(envIndex);
    return member.env.render(envIndex - member.first);
  }

  call(
    name: string,
    args: readonly Value[] = [],
    { envIndices, ...options }: CallOptions = {},
  ): Promise<Value[]> {
    return this.#ofEach(envIndices, (env, part) => env.call(name, args, { ...options, ...part }));
  }

  read(name: string, { envIndices }: Selection = {}): Promise<Value[]> {
    return this.#ofEach(envIndices, (env, part) => env.read(name, part));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#calls.close();
    const closings = await Promise.allSettled(this.#members.map((member) => member.close()));
    const failed = closings.find((closing) => closing.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** One call after the other: places may change in it. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#call !== undefined) await this.#call;
    this.#book.checkListener();
    const call = work();
    this.#call = call.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await call;
    } finally {
      this.#call = undefined;
    }
  }

  /** What one host would refuse while the others step. */
  #refuseTearing(batch: Value): void {
    const ended = this.autoresetMode === 'disabled' ? this.#ended.indexOf(true) : -1;
    if (ended >= 0) {
      throw new GymwireError('NOT_RESET', `environment ${ended} has ended its episode: reset it first`);
    }
    refuseNonFinite(this.actionSpace, batch, this.#ended);
  }

  #memberOf(envIndex: number): FleetMember {
    const found = this.#members.find(({ first, count }) => envIndex >= first && envIndex < first + count);
    if (found !== undefined && Number.isInteger(envIndex)) return found;
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `expected the index of an environment, 0 to ${this.numEnvs - 1}, got ${envIndex}`,
    );
  }

  /** Asks each session for its own of these environments; answers in their order. */
  async #ofEach(
    envIndices: readonly number[] | undefined,
    ask: (env: RemoteVectorEnv, selection: Selection) => Promise<Value[]>,
  ): Promise<Value[]> {
    if (envIndices === undefined)
      return (await Promise.all(this.#members.map(({ env }) => ask(env, {})))).flat();
    const members = new Set(envIndices.map((i) => this.#memberOf(i)));
    const answers = [...members].map(({ env, first, count }) => {
      const own = envIndices.filter((i) => i >= first && i < first + count);
      return ask(env, { envIndices: own.map((i) => i - first) });
    });
    return (await Promise.all(answers)).flat();
  }

  async #step(actions: Action, options: VectorStepOptions): Promise<VectorStep> {
    if (this.#isTorn) {
      throw new GymwireError(
        'NOT_RESET',
        'a step failed on one host and not on others: reset all environments',
      );
    }
    const nextSeeds = checkNextSeeds(options, this.numEnvs);
    const batch = encodeAction(this.actionSpace, actions, this.numEnvs);
    if (this.#members.length > 1) this.#refuseTearing(batch);
    const { clock, mode } = this.#options;
    const startedAt = clock.now();
    const elapsedMs = () => clock.now() - startedAt;
    const idle = this.#members.filter(({ settled }) => settled === undefined);
    for (const member of idle) {
      const { first, count } = member;
      const action = sliceBatch(this.actionSpace, batch, first, count);
      member.begin(
        this.#calls.step(member, action, nextSeeds && { nextSeeds: nextSeeds.slice(first, first + count) }),
        elapsedMs,
      );
    }
    if (mode === 'strict') await allSettled(this.#members);
    // What was late before is not waited for: it is told when it is there.
    else if (idle.length > 0) this.#halfMs = await this.#waitForMost(idle, startedAt);
    else await this.#waitForMost(this.#members, startedAt);
    return this.#gather();
  }

  /** @returns how long half of the environments took */
  #waitForMost(members: readonly FleetMember[], startedAt: number): Promise<number> {
    const awaited = members.map(({ count, settled, tookMs }) => ({
      count,
      settled,
      isSlow: isSlowAnswer(tookMs, this.#halfMs),
    }));
    return waitForMost(awaited, this.#options.clock, startedAt);
  }

  /** What has come, in the order of the environments. */
  #gather(): VectorStep {
    const taken = this.#members.map((member) => ({ member, outcome: member.take() }));
    const failed = taken.find(({ outcome }) => outcome?.type === 'failed')?.outcome;
    const lost = taken.flatMap(({ member, outcome }) => (outcome?.type === 'lost' ? member.envIndices : []));
    this.#members = taken.flatMap(({ member, outcome }) =>
      outcome?.type === 'lost' ? outcome.members : [member],
    );
    if (failed?.type === 'failed') {
      this.#isTorn = taken.length > 1;
      throw failed.fault;
    }
    if (lost.length === this.numEnvs) {
      const [{ outcome }] = taken;
      throw lostEpisodes(outcome?.type === 'lost' ? outcome.cause : undefined);
    }
    const late = taken.flatMap(({ member, outcome }) => (outcome === undefined ? [member] : []));
    for (const { host } of late) this.#book.lag(host);
    const absent = late.flatMap(({ envIndices }) => envIndices);
    const parts = taken.map(({ member, outcome }) => ({
      member,
      result: outcome?.type === 'stepped' ? outcome.result : standstill(member),
    }));
    const step = joinSteps(this.observationSpace, parts);
    if (this.autoresetMode !== 'same-step') {
      this.#ended = step.terminated.map((terminated, i) => terminated || step.truncated[i] === true);
    }
    return {
      ...step,
      ...(lost.length > 0 && { lost }),
      ...(absent.length > 0 && { absent }),
    };
  }

  /** What is under way where episodes begin anew is told to nobody any more. */
  async #forgetSteps(members: readonly FleetMember[]): Promise<void> {
    if (members.every(({ settled }) => settled === undefined)) return;
    await allSettled(members);
    this.#members = this.#members.flatMap((member) => {
      const outcome = members.includes(member) ? member.take() : undefined;
      return outcome?.type === 'lost' ? outcome.members : [member];
    });
  }

  async #reset(options: VectorResetOptions): Promise<VectorReset> {
    checkResetNames(options, ['seed', 'seeds', 'mask', 'options']);
    const asked = splitReset(this.#members, this.numEnvs, options);
    await this.#forgetSteps(asked.map(({ member }) => member));
    const resets = splitReset(this.#members, this.numEnvs, options);
    const outcomes = await Promise.allSettled(resets.map((each) => this.#calls.reset(each)));
    const done = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    const members = new Map(done.map((outcome) => [outcome.member, outcome.members]));
    this.#members = this.#members.flatMap((member) => members.get(member) ?? [member]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) {
      this.#isTorn = outcomes.length > 1;
      throw failed.reason;
    }
    const lost = done.flatMap(({ member, isLost }) => (isLost ? member.envIndices : []));
    if (lost.length === this.numEnvs) throw lostEpisodes(undefined);
    if (options.mask?.includes(false) !== true) this.#isTorn = false;
    this.#ended = this.#ended.map((ended, i) => ended && options.mask?.[i] === false);
    const observations = this.#members.map((each) => rowsOf(each, each.count, each.observation));
    return {
      observation: joinBatches(this.observationSpace, observations),
      infos: joinInfos(done.flatMap(({ infos }) => infos)),
      ...(lost.length > 0 && { lost }),
    };
  }
}

async function allSettled(members: readonly FleetMember[]): Promise<void> {
  await Promise.all(members.flatMap(({ settled }) => (settled === undefined ? [] : [settled])));
}

function lostEpisodes(cause: unknown): GymwireError {
  const message = 'the episodes of all environments of the fleet are lost with their sessions: reset them';
  return new GymwireError('EPISODE_LOST', message, { cause });
}
