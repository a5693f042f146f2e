/**
 * A training over many servers as a simulation of events: what the trainer's thread, its learner, the hosts and the network between do
 * at what time. It computes nothing and waits for nobody; the same settings give the same figures, on every machine.
 */
import { createRandomStream, type RandomStream } from '@gymwire/agent-sdk/parts';

/** What the parts of a training cost on one machine, measured (`measure-costs.ts`). */
export interface TrainerCosts {
  /** The learner: one update, with the drawing of its batch. */
  readonly updateMs: number;
  /** The trainer's thread, of an update: drawing the batch and the noise. */
  readonly drawMs: number;
  /** The trainer's thread, of a step: for each host, whatever it carries. */
  readonly messageMs: number;
  /** The trainer's thread, of a step: for each environment, before it is sent: the actor. */
  readonly actMs: number;
  /** The trainer's thread, of a step: for each environment, codec both ways, and storing the transition. */
  readonly rowMs: number;
}

export interface Failures {
  /** Mean time from one failure of a host to its next. */
  readonly everyHours: number;
  /** From the failure until the trainer gives the host up. */
  readonly noticeMs: number;
  /** From then until its environments are made and reset on other hosts. */
  readonly makeMs: number;
  /** From the failure until the host is back. */
  readonly awayMs: number;
}

export interface Fleet {
  readonly hosts: number;
  readonly envsPerHost: number;
  /** A step of one environment; a host steps its environments one after the other. */
  readonly stepMs: number;
  /** Standard deviation of the logarithm of a host's time for its step: 0.1 is some 10 %. */
  readonly spread: number;
  /** To a host and back. */
  readonly delayMs: number;
  readonly updatesPerTransition: number;
  /** The trainer's `--fleet-mode`: whether a step waits for every host. */
  readonly mode: 'strict' | 'elastic';
  readonly failures?: Failures;
  /** The first of them take so many times as long. */
  readonly slow?: { readonly hosts: number; readonly factor: number };
}

export interface FleetRun {
  readonly transitionsPerSecond: number;
  /** Shares of the time. */
  readonly learnerBusy: number;
  readonly threadBusy: number;
  readonly failures: number;
  readonly lostEpisodes: number;
  /** Share of the environments' steps that a step of the fleet went on without. */
  readonly absent: number;
}

/** The trainer's wait-for-most.ts has the same, and the same rules. */
const leastGraceMs = 10;
const patience = { share: 1 / 8, leastMs: 1 };

interface Host {
  envs: number;
  /** How long its last answer took. */
  tookMs: number;
  /** An environment's step takes this many times as long as usual. */
  readonly factor: number;
  failsAt: number;
  /** Infinity: it is here. */
  backAt: number;
}

/** A host's answer on its way. */
interface Answer {
  readonly host: Host;
  readonly envs: number;
  readonly at: number;
  readonly isLost: boolean;
  /** The step that it is an answer to. */
  readonly startedAt: number;
}

/** An answer, and when the trainer's thread has dealt with it. */
interface Heard {
  readonly answer: Answer;
  readonly workMs: number;
  readonly at: number;
}

/** @param untilMs of simulated time */
export function simulateFleet(costs: TrainerCosts, fleet: Fleet, untilMs: number, seed = 0): FleetRun {
  const simulation = new FleetSimulation(costs, fleet, createRandomStream(seed, 'fleet-model'));
  while (simulation.nowMs < untilMs) simulation.step();
  return simulation.result();
}

class FleetSimulation {
  readonly #costs: TrainerCosts;
  readonly #fleet: Fleet;
  readonly #random: RandomStream;
  readonly #hosts: readonly Host[];
  readonly #totals = { transitions: 0, due: 0, learnerMs: 0, threadMs: 0, failures: 0, lostEpisodes: 0 };
  /** On their way, or not taken yet; the first comes first. */
  #answers: Answer[] = [];
  /** Transitions of the step before, which updates are owed for. */
  #owed = 0;
  /** Where the trainer's thread is. */
  #now = 0;
  /** How long half of the environments took in the last step. */
  #halfMs = Infinity;

  constructor(costs: TrainerCosts, fleet: Fleet, random: RandomStream) {
    this.#costs = costs;
    this.#fleet = fleet;
    this.#random = random;
    this.#hosts = Array.from({ length: fleet.hosts }, (_, i) => newHost(fleet, random, i));
  }

  get nowMs(): number {
    return this.#now;
  }

  /** A step of the fleet, and beside it the updates that the step before owes. */
  step(): void {
    const totals = this.#totals;
    const start = this.#now;
    welcome(this.#hosts, this.#fleet, this.#random, start);
    const updates = this.#owed * this.#fleet.updatesPerTransition;
    const learnerMs = updates * this.#costs.updateMs;
    const busy = updates * this.#costs.drawMs + this.#send() + this.#hear(start);
    totals.learnerMs += learnerMs;
    totals.threadMs += busy;
    this.#now = Math.max(this.#now, start + learnerMs, start + busy);
  }

  /** To all hosts whose answer has been taken. @returns the thread's work */
  #send(): number {
    const { messageMs, actMs } = this.#costs;
    const { stepMs, spread, delayMs } = this.#fleet;
    const start = this.#now;
    const onTheWay = new Set(this.#answers.map(({ host }) => host));
    const idle = this.#hosts.filter(
      (host) => host.envs > 0 && host.backAt === Infinity && !onTheWay.has(host),
    );
    if (onTheWay.size + idle.length === 0) {
      this.#now = Math.max(this.#now, Math.min(...this.#hosts.map(({ backAt }) => backAt)));
      return 0;
    }
    this.#now += idle.reduce((sum, { envs }) => sum + envs, 0) * actMs;
    for (const host of idle) {
      this.#now += messageMs / 2;
      const tookMs = host.envs * stepMs * host.factor * Math.exp(spread * normal(this.#random));
      const answer = answerOf(host, this.#now, this.#now + delayMs + tookMs, this.#fleet);
      this.#answers.push({ ...answer, startedAt: start });
    }
    this.#answers.sort((a, b) => a.at - b.at);
    return this.#now - start;
  }

  /** Takes answers as they come: all of them, or, elastic, most. @returns the thread's work */
  #hear(start: number): number {
    const { messageMs, rowMs } = this.#costs;
    const heard: Heard[] = [];
    let now = this.#now;
    for (const answer of this.#answers) {
      const workMs = messageMs / 2 + (answer.isLost ? 0 : answer.envs * rowMs);
      now = Math.max(now, answer.at) + workMs;
      heard.push({ answer, workMs, at: now });
    }
    const endsAt = this.#fleet.mode === 'elastic' ? this.#elasticEnd(heard, start) : Infinity;
    const taken = heard.filter(({ at }) => at <= endsAt);
    for (const { answer, at } of taken) {
      answer.host.tookMs = at - answer.startedAt;
      this.#take(answer);
    }
    const due = this.#answers.reduce((sum, { envs }) => sum + envs, 0);
    this.#answers = this.#answers.slice(taken.length);
    this.#now = Math.max(this.#now, taken.at(-1)?.at ?? 0, endsAt === Infinity ? 0 : endsAt);
    this.#owed = taken.reduce((sum, { answer }) => sum + answer.envs, 0);
    this.#totals.due += due;
    return taken.reduce((sum, { workMs }) => sum + workMs, 0);
  }

  /** When half of the environments that began this step have answered, and all others that are not slow, or have had their time. */
  #elasticEnd(heard: readonly Heard[], start: number): number {
    const fresh = heard.filter(({ answer }) => answer.startedAt === start);
    const awaited = fresh.length > 0 ? fresh : heard;
    const half = awaited.reduce((sum, { answer }) => sum + answer.envs, 0) / 2;
    let answered = 0;
    const halfAt = awaited.find(({ answer }) => (answered += answer.envs) >= half)?.at ?? start;
    const slowFromMs = this.#halfMs + Math.max(this.#halfMs * patience.share, patience.leastMs);
    const quick = awaited.filter(({ answer }) => answer.host.tookMs <= slowFromMs);
    const halfMs = halfAt - start;
    if (fresh.length > 0) this.#halfMs = halfMs;
    return Math.min(Math.max(halfAt, quick.at(-1)?.at ?? 0), halfAt + Math.max(halfMs, leastGraceMs));
  }

  #take({ host, envs, at, isLost }: Answer): void {
    const totals = this.#totals;
    if (!isLost) {
      totals.transitions += envs;
      return;
    }
    totals.failures += 1;
    totals.lostEpisodes += envs;
    giveAway(host, this.#hosts, this.#fleet, at);
  }

  result(): FleetRun {
    const { transitions, due, learnerMs, threadMs, failures, lostEpisodes } = this.#totals;
    return {
      transitionsPerSecond: (transitions / this.#now) * 1e3,
      learnerBusy: learnerMs / this.#now,
      threadBusy: threadMs / this.#now,
      failures,
      lostEpisodes,
      absent: 1 - transitions / due,
    };
  }
}

function newHost({ envsPerHost, failures, slow }: Fleet, random: RandomStream, index: number): Host {
  const factor = slow !== undefined && index < slow.hosts ? slow.factor : 1;
  return {
    envs: envsPerHost,
    tookMs: 0,
    factor,
    failsAt: nextFailure(failures, random, 0),
    backAt: Infinity,
  };
}

function nextFailure(failures: Failures | undefined, random: RandomStream, now: number): number {
  if (failures === undefined) return Infinity;
  return now - Math.log(1 - random.uniform()) * failures.everyHours * 3_600_000;
}

function answerOf(host: Host, sentAt: number, at: number, { failures }: Fleet): Omit<Answer, 'startedAt'> {
  const { envs } = host;
  if (failures === undefined || host.failsAt > at) return { host, envs, at, isLost: false };
  return {
    host,
    envs,
    at: Math.max(host.failsAt, sentAt) + failures.noticeMs + failures.makeMs,
    isLost: true,
  };
}

/** Its environments are made again on those that are there and have the fewest: on itself as well, if it is back by then. */
function giveAway(host: Host, hosts: readonly Host[], { failures }: Fleet, now: number): void {
  const { awayMs, noticeMs, makeMs } = failures ?? { awayMs: 0, noticeMs: 0, makeMs: 0 };
  const { envs } = host;
  host.envs = 0;
  host.failsAt = Infinity;
  host.backAt = now + Math.max(0, awayMs - noticeMs - makeMs);
  const there = hosts.filter(({ backAt }) => backAt === Infinity || backAt <= now);
  // Where nobody is there, they wait for it.
  if (there.length === 0) host.envs = envs;
  else
    for (let i = 0; i < envs; i++)
      there.reduce((least, other) => (other.envs < least.envs ? other : least)).envs++;
}

/** Hosts that are back can be used; environments do not move to them while they run. */
function welcome(hosts: readonly Host[], { failures }: Fleet, random: RandomStream, now: number): void {
  for (const host of hosts) {
    if (host.backAt > now) continue;
    host.backAt = Infinity;
    host.failsAt = nextFailure(failures, random, now);
  }
}

const pair = new Float32Array(1);

function normal(random: RandomStream): number {
  random.fillStandardNormal(pair);
  return pair[0];
}
