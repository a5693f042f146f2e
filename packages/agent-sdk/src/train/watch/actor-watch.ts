/**
 * Looks at what an actor plays in one evaluation. A tanh output that is exactly ±1 in float32 has no slope left: an
 * action that always is can hardly be learnt away from. Many tasks are best played at the bounds, though on both sides
 * and not exactly: only an action that is the same whatever is observed is told.
 */
export class ActorWatch {
  readonly #size: number;
  readonly #first: Float32Array;
  readonly #isConstant: boolean[];
  #observation: Float32Array | undefined;
  #observationsVary = false;
  #actions = 0;

  /** @param size numbers in an action */
  constructor(size: number) {
    this.#size = size;
    this.#first = new Float32Array(size);
    this.#isConstant = Array.from({ length: size }, () => true);
  }

  /** @param observations [rows, observationSize] @param actions [rows, size], [-1, 1] units */
  see(observations: Float32Array, actions: Float32Array): void {
    const rows = actions.length / this.#size;
    if (this.#actions === 0) {
      this.#first.set(actions.subarray(0, this.#size));
      this.#observation = observations.slice(0, observations.length / rows);
    }
    const { length = 1 } = this.#observation ?? {};
    this.#observationsVary ||= observations.some((value, i) => value !== this.#observation?.[i % length]);
    for (let i = 0; i < actions.length; i++) {
      const k = i % this.#size;
      if (actions[i] !== this.#first[k]) this.#isConstant[k] = false;
    }
    this.#actions += rows;
  }

  /** Undefined where nothing is wrong, or too little was seen to say so. */
  verdict(): ActorFault | undefined {
    if (this.#actions < fewestActions || !this.#observationsVary) return undefined;
    const constant = this.#isConstant.flatMap((isConstant, k) => (isConstant ? [k] : []));
    const saturated = constant.filter((k) => Math.abs(this.#first[k]) === 1);
    const told = { actions: this.#actions, size: this.#size, value: (k: number) => this.#first[k] };
    if (saturated.length > 0) return { code: 'ACTOR_SATURATED', message: describeSaturated(saturated, told) };
    if (constant.length < this.#size) return undefined;
    return { code: 'ACTOR_CONSTANT', message: describeConstant(told) };
  }
}

export interface ActorFault {
  readonly code: 'ACTOR_SATURATED' | 'ACTOR_CONSTANT';
  readonly message: string;
}

/** Fewer may be the same by chance. */
const fewestActions = 100;

interface Told {
  readonly actions: number;
  readonly size: number;
  readonly value: (k: number) => number;
}

function describeSaturated(saturated: readonly number[], { actions, size, value }: Told): string {
  const bounds = saturated.map((k) => `action[${k}] at its ${value(k) > 0 ? 'upper' : 'lower'} bound`);
  const of = size === 1 ? '' : ` (${saturated.length} of ${size} numbers)`;
  return (
    `the actor is saturated: it holds ${bounds.join(', ')}${of}, whatever it observes, in all ${actions} actions of the ` +
    'evaluation; it hardly learns from there: try a lower learning rate, or normalised observations'
  );
}

function describeConstant({ actions, size, value }: Told): string {
  const action = Array.from({ length: size }, (_, k) => value(k).toPrecision(3)).join(', ');
  return (
    `the actor plays the same action [${action}] (in [-1, 1]) whatever it observes, in all ${actions} actions of the ` +
    'evaluation: its relus are dead; try a lower learning rate, or normalised observations'
  );
}
