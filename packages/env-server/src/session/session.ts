/**
 * One session: one environment, or `numEnvs` of them stepped together, with at-most-once requests.
 * Every RPC, streamed or unary, ends in these functions.
 */

import { type MaybePromise } from '@gymwire/env';
import { chain, Turns } from '@gymwire/env/host';
import {
  type AttributeRead,
  type CallOutcome,
  type Frame,
  GymwireError,
  type MethodCall,
  nextSequence,
  type OutOfBoundsRule,
  type Seed,
  type SessionDescription,
  type Value,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from '@gymwire/protocol';
import { ignoresAction, obstacle } from '../slots/phase.ts';
import type { Death, SessionEnvs } from '../slots/session-envs.ts';
import type { SlotStep } from '../slots/slot-step.ts';
import { findMismatch } from '../slots/space-member.ts';
import { isBatchOf, stack, unstack } from './batch.ts';
import { expectAutoreset } from './expect-autoreset.ts';
import { collectInfos, gatherSteps } from './gather-steps.ts';
import { callListed, readListed } from './session-access.ts';
import { SessionEnd } from './session-end.ts';

const mismatchCodes = {
  structure: 'BAD_ACTION',
  'non-finite': 'NON_FINITE_ACTION',
  bounds: 'ACTION_OUT_OF_BOUNDS',
} as const;

const closed = new GymwireError('SESSION_GONE', 'the session is closed');

/** The reply that is kept for a retry of the last request. */
type KeptReply =
  | { readonly kind: 'reset'; readonly result: VectorResetResult }
  | { readonly kind: 'step'; readonly result: VectorStepResult }
  | { readonly kind: 'call'; readonly result: CallOutcome };

/** One client's environments, stepped together, with the rules of the protocol around them. */
export class Session {
  readonly description: SessionDescription;
  readonly #envs: SessionEnvs;
  readonly #rule: OutOfBoundsRule;
  #lastSequence = 0;
  /** The one before. */
  #sequenceBefore = 0;
  /** Its client was not told what the last request led to. */
  #mustReset = false;
  /** Every environment is in mid-episode, as far as the last step told: then none needs to be asked. */
  #allRun = false;
  #kept: KeptReply | undefined;
  /** Requests of one session never overlap, whoever sends them. */
  readonly #turns = new Turns();
  #closed = false;
  readonly #end: SessionEnd;
  #reason = closed;
  #death: Death | undefined;

  constructor(description: SessionDescription, envs: SessionEnvs) {
    this.description = description;
    this.#envs = envs;
    this.#end = new SessionEnd(this.#turns, envs);
    this.#rule = description.outOfBoundsRule;
    void envs.death.then((death) => {
      this.#closed = true;
      this.#death = death;
    });
  }

  /** Resolves when the session's simulators are gone, with the reason; it is closed then. */
  get death(): Promise<Death> {
    return this.#envs.death;
  }

  /** The sequence number of the last reset, step or call that was carried out; 0: none yet. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  get numEnvs(): number {
    return this.#envs.count;
  }

  /** @param sequence the request's number; 0: unnumbered. See ResetRequest.sequence. */
  reset(options: VectorResetOptions, sequence = 0): MaybePromise<VectorResetResult> {
    return this.#once(sequence, 'reset', () => this.#reset(options));
  }

  /** @param nextSeeds one an environment, for the reset that this step may bring; see StepRequest.next_seeds */
  step(action: Value, sequence = 0, nextSeeds?: BigUint64Array): MaybePromise<VectorStepResult> {
    return this.#once(sequence, 'step', () => this.#step(action, nextSeeds));
  }

  render(envIndex: number): MaybePromise<Frame> {
    return this.#inTurn(() => {
      if (this.description.renderMode === '') {
        throw new GymwireError('UNSUPPORTED', 'render: the session was made without a render mode');
      }
      if (!Number.isInteger(envIndex) || envIndex < 0 || envIndex >= this.numEnvs) {
        throw new GymwireError(
          'INVALID_ARGUMENT',
          `render: no environment ${envIndex} among ${this.numEnvs}`,
        );
      }
      return this.#envs.render(envIndex);
    });
  }

  /** A method of the simulators that their spec lists. @param sequence as of a reset or step */
  callMethod(call: MethodCall, sequence = 0): MaybePromise<CallOutcome> {
    return this.#once(sequence, 'call', () => callListed(this.#envs, this.description.spec, call));
  }

  /**
   * The reply to the last reset or step cannot be sent: that request has failed, and its number is not taken. Its
   * environments have moved all the same, so that only a reset of all may follow.
   */
  takeBack(): void {
    if (this.#kept === undefined) return;
    this.#kept = undefined;
    this.#lastSequence = this.#sequenceBefore;
    this.#mustReset = true;
  }

  /** An attribute of the simulators that their spec lists. */
  readAttribute(read: AttributeRead): MaybePromise<readonly Value[]> {
    return this.#inTurn(() => readListed(this.#envs, this.description.spec, read));
  }

  /** The stream that used it has ended; does not wait for the request that is under way. */
  detach(): void {
    if (!this.#closed) this.#envs.detach();
  }

  /**
   * Frees the simulators, after the request that is under way. A second close waits for the first, and may have less
   * patience.
   * @param patienceMs a request that takes longer is given up
   * @param reason what requests that come later are answered with
   */
  async close(patienceMs?: number, reason: GymwireError = closed): Promise<void> {
    if (!this.#end.hasBegun) {
      if (this.#closed) return;
      this.#closed = true;
      this.#reason = reason;
    }
    await this.#end.come(patienceMs);
  }

  /** A request is under way. */
  get isBusy(): boolean {
    return this.#turns.idle !== undefined;
  }

  #inTurn<T>(run: () => MaybePromise<T>): MaybePromise<T> {
    return this.#turns.take(() => {
      if (this.#closed) throw this.#gone();
      return run();
    });
  }

  /** What the simulators died of, if nobody was told yet; else that the session is gone, so that a new one may be made. */
  #gone(): GymwireError {
    if (this.#death === undefined) return this.#reason;
    const { cause, wasTold } = this.#death;
    this.#death = { cause, wasTold: true };
    return wasTold ? endedWith(cause.message) : cause;
  }

  /**
   * At most once: a repeated number is answered from the kept reply. A request that fails does not take its
   * number, and is not carried out twice either: after a simulator's fault only a reset is possible.
   */
  #once<K extends KeptReply['kind'], R extends Extract<KeptReply, { kind: K }>['result']>(
    sequence: number,
    kind: K,
    run: () => MaybePromise<R>,
  ): MaybePromise<R> {
    return this.#inTurn(() => {
      if (sequence !== 0 && sequence === this.#lastSequence && this.#kept?.kind === kind) {
        return this.#kept.result as R;
      }
      const next = nextSequence(this.#lastSequence);
      if (sequence !== 0 && sequence !== next) {
        throw new GymwireError('BAD_SEQUENCE', `${kind}: expected sequence number ${next}, got ${sequence}`, {
          details: { expected: String(next), got: String(sequence) },
        });
      }
      return chain(run(), (result) => {
        this.#kept = { kind, result } as KeptReply;
        this.#sequenceBefore = this.#lastSequence;
        this.#lastSequence = next;
        return result;
      });
    });
  }

  #reset(options: VectorResetOptions): MaybePromise<VectorResetResult> {
    const seeds = this.#seedsFor(options);
    const mask = this.#maskFor(options);
    if (this.#mustReset && options.mask?.includes(false)) throw untold('reset');
    this.#mustReset = false;
    const requests = this.#map((i) => (mask(i) ? { seed: seeds(i), options: options.options } : undefined));
    this.#allRun = false;
    return chain(this.#envs.reset(requests), (infos) => ({
      observation: this.#observations(),
      infos: collectInfos(infos, (info) => info),
    }));
  }

  #seedsFor({ seed, seeds }: VectorResetOptions): (envIndex: number) => Seed | undefined {
    if (seeds !== undefined && seeds.length !== this.numEnvs) {
      throw new GymwireError(
        'INVALID_ARGUMENT',
        `reset: expected ${this.numEnvs} seeds, got ${seeds.length}`,
      );
    }
    if (seeds !== undefined) return (i) => seeds[i] ?? undefined;
    if (seed === undefined) return () => undefined;
    const first = BigInt(seed);
    // Before any environment is reset: a request that fails changes nothing.
    if (first + BigInt(this.numEnvs) > 2n ** 64n) {
      throw new GymwireError(
        'INVALID_ARGUMENT',
        `reset: environment ${this.numEnvs - 1} gets seed + ${this.numEnvs - 1}, which must be below 2^64; got seed ${seed}`,
      );
    }
    return (i) => first + BigInt(i);
  }

  #maskFor({ mask }: VectorResetOptions): (envIndex: number) => boolean {
    if (mask === undefined) return () => true;
    if (mask.length !== this.numEnvs || !mask.includes(true)) {
      const got = mask.length === this.numEnvs ? 'one that names none' : `one of ${mask.length}`;
      throw new GymwireError(
        'INVALID_ARGUMENT',
        `reset: expected a mask of ${this.numEnvs} environments, got ${got}`,
      );
    }
    const unborn = mask.findIndex((named, i) => !named && this.#envs.observation(i) === null);
    if (unborn >= 0) {
      throw new GymwireError(
        'NOT_RESET',
        `reset: environment ${unborn} has not been reset yet, so the mask must name it`,
      );
    }
    return (i) => mask[i] === true;
  }

  #step(action: Value, nextSeeds: BigUint64Array | undefined): MaybePromise<VectorStepResult> {
    if (nextSeeds !== undefined) expectAutoreset(this.description);
    if (this.#mustReset) throw untold('step');
    const actions = this.#checkedActions(action);
    this.#allRun = false;
    const steps = this.#envs.step(actions, nextSeeds);
    return steps instanceof Promise ? steps.then(this.#gather) : this.#gather(steps);
  }

  readonly #gather = (steps: readonly SlotStep[]): VectorStepResult => {
    const { observationSpace, autoresetMode } = this.description;
    const result = gatherSteps(steps, observationSpace, this.#observations(steps));
    this.#allRun =
      autoresetMode === 'same-step' || !(result.terminated.includes(true) || result.truncated.includes(true));
    return result;
  };

  /** One action an environment, all checked before any environment moves. */
  #checkedActions(action: Value): readonly Value[] {
    const { actionSpace, autoresetMode, numEnvs } = this.description;
    if (!this.#allRun) this.#expectSteppable();
    const actions = numEnvs === undefined ? [action] : unstack(actionSpace, action, numEnvs);
    if (actions === undefined) {
      throw new GymwireError(
        'BAD_ACTION',
        `step: expected a batch of ${numEnvs} actions in the structure of the action space`,
      );
    }
    if (this.#allRun && isBatchOf(actionSpace, action, actions.length, this.#rule === 'reject'))
      return actions;
    for (let i = 0; i < actions.length; i++) {
      if (!ignoresAction(this.#envs.phase(i), autoresetMode)) this.#checkAction(actions[i], i);
    }
    return actions;
  }

  #expectSteppable(): void {
    for (let i = 0; i < this.numEnvs; i++) {
      const hindrance = obstacle(this.#envs.phase(i), this.description.autoresetMode);
      if (hindrance === undefined) continue;
      throw new GymwireError('NOT_RESET', `step: ${this.#nameOf(i)} ${hindrance}`);
    }
  }

  #checkAction(action: Value, envIndex: number): void {
    const { actionSpace, numEnvs } = this.description;
    const bounds = this.#rule === 'reject';
    if (findMismatch(actionSpace, action, 'action', bounds) === undefined) return;
    // A second look, to say which: a name for each of many environments a step would cost more than the check.
    const where = numEnvs === undefined ? 'action' : `action of ${this.#nameOf(envIndex)}`;
    const wrong = findMismatch(actionSpace, action, where, bounds);
    if (wrong === undefined) return;
    throw new GymwireError(mismatchCodes[wrong.kind], `step: ${wrong.message}`, { details: wrong.details });
  }

  #nameOf(envIndex: number): string {
    return this.description.numEnvs === undefined ? 'the environment' : `environment ${envIndex}`;
  }

  #map<T>(call: (envIndex: number) => T): T[] {
    const results = new Array<T>(this.numEnvs);
    for (let i = 0; i < results.length; i++) results[i] = call(i);
    return results;
  }

  /** @param steps that brought them; none: those that there are */
  #observations(steps?: readonly SlotStep[]): Value {
    if (this.description.numEnvs === undefined) return steps?.[0].observation ?? this.#envs.observation(0);
    const batch = this.#envs.batch();
    if (batch !== undefined) return batch;
    const rows = steps?.map((step) => step.observation) ?? this.#map((i) => this.#envs.observation(i));
    return stack(this.description.observationSpace, rows);
  }
}

function untold(what: string): GymwireError {
  return new GymwireError(
    'NOT_RESET',
    `${what}: the last reply was too large to be sent, so that all environments must be reset first`,
  );
}

/** The session is gone because its simulators are. */
export function endedWith(cause: string): GymwireError {
  return new GymwireError('SESSION_GONE', `the session ended with its simulator: ${cause}`);
}
