import { AgentError } from '../../errors.ts';
import type { LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { Bank } from './bank.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import type { OnnxRuntime } from './onnx-runtime.ts';
import { packNetworks, unpackNetworks } from './parameter-layout.ts';
import { type Layouts, layOutNetworks } from './traced-update.ts';

/** Moments below this change no weight any more; left alone they decay into denormals, which are slow. */
const negligible = 1e-30;
const cleaningPeriod = 128;

type Name =
  | 'actor'
  | 'actor.firstMoment'
  | 'actor.secondMoment'
  | 'actorTarget'
  | 'critics'
  | 'critics.firstMoment'
  | 'critics.secondMoment'
  | 'criticTargets';

/** All state of a learner, in the flat vectors that the graphs read and write. */
export class LearnerMemory {
  /** What every update replaces. */
  readonly critics: Bank;
  /** What every policyDelay-th update replaces. */
  readonly policy: Bank;
  readonly #layouts: Layouts;
  readonly #keepDenormals: boolean;
  #steps = { gradient: 0, critics: 0, actor: 0 };

  constructor(runtime: OnnxRuntime, options: LearnerOptions, { keepDenormals = false }: CompiledDiagnostics) {
    this.#layouts = layOutNetworks(options);
    this.#keepDenormals = keepDenormals;
    const { actor, critics } = this.#layouts;
    this.critics = new Bank(
      runtime,
      { critics },
      { 'critics.firstMoment': critics, 'critics.secondMoment': critics },
    );
    this.policy = new Bank(
      runtime,
      { actor },
      {
        'actor.firstMoment': actor,
        'actor.secondMoment': actor,
        actorTarget: actor,
        criticTargets: critics,
      },
    );
  }

  /** Updates so far: of the critics since the beginning, and by each Adam. */
  get steps(): { readonly gradient: number; readonly critics: number; readonly actor: number } {
    return this.#steps;
  }

  countCriticUpdate(): void {
    this.#steps.gradient += 1;
    this.#steps.critics += 1;
    if (this.#steps.critics % cleaningPeriod === 0) this.#clean('critics');
  }

  countPolicyUpdate(): void {
    this.#steps.actor += 1;
    if (this.#steps.actor % cleaningPeriod === 0) this.#clean('actor');
  }

  /** The actor's flat vector, as `actorOf` reads it. */
  copyActor(out: Float32Array): void {
    out.set(this.#values('actor'));
  }

  actor(): NetworkState {
    return this.#read('actor')[0];
  }

  exportState(): LearnerState {
    const { gradient, critics, actor } = this.#steps;
    const [firstMoment1, firstMoment2] = this.#read('critics.firstMoment');
    const [secondMoment1, secondMoment2] = this.#read('critics.secondMoment');
    return {
      actor: this.actor(),
      actorTarget: this.#read('actorTarget')[0],
      critics: this.#read('critics'),
      criticTargets: this.#read('criticTargets'),
      actorAdam: {
        firstMoment: this.#read('actor.firstMoment')[0],
        secondMoment: this.#read('actor.secondMoment')[0],
        step: actor,
      },
      criticAdams: [
        { firstMoment: firstMoment1, secondMoment: secondMoment1, step: critics },
        { firstMoment: firstMoment2, secondMoment: secondMoment2, step: critics },
      ],
      gradientSteps: gradient,
    };
  }

  importState(state: LearnerState): void {
    const [adam1, adam2] = state.criticAdams;
    if (adam1.step !== adam2.step) {
      throw new AgentError(
        'INVALID_STATE',
        `criticAdams: expected one step count, got ${adam1.step} and ${adam2.step}`,
      );
    }
    this.#write('actor', [state.actor]);
    this.#write('actorTarget', [state.actorTarget]);
    this.#write('critics', state.critics);
    this.#write('criticTargets', state.criticTargets);
    this.#write('actor.firstMoment', [state.actorAdam.firstMoment]);
    this.#write('actor.secondMoment', [state.actorAdam.secondMoment]);
    this.#write('critics.firstMoment', [adam1.firstMoment, adam2.firstMoment]);
    this.#write('critics.secondMoment', [adam1.secondMoment, adam2.secondMoment]);
    this.#steps = { gradient: state.gradientSteps, critics: adam1.step, actor: state.actorAdam.step };
  }

  #clean(network: 'actor' | 'critics'): void {
    if (this.#keepDenormals) return;
    for (const moment of ['firstMoment', 'secondMoment'] as const) {
      const values = this.#values(`${network}.${moment}`);
      for (let i = 0; i < values.length; i++) {
        if (Math.abs(values[i] as number) < negligible) values[i] = 0;
      }
    }
  }

  /** One network of an actor's vector, two of the critics'. */
  #read(name: Name): [NetworkState, NetworkState] {
    return unpackNetworks(this.#layoutOf(name), this.#values(name)) as [NetworkState, NetworkState];
  }

  #write(name: Name, networks: readonly NetworkState[]): void {
    packNetworks(this.#layoutOf(name), networks, this.#values(name));
  }

  #values(name: Name): Float32Array {
    return (this.critics.has(name) ? this.critics : this.policy).values(name);
  }

  #layoutOf(name: Name): Layouts['actor'] {
    return name.startsWith('actor') ? this.#layouts.actor : this.#layouts.critics;
  }
}
