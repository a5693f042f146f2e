import { ExporterError } from './errors.ts';
import { overflowLimit } from './overflow-limit.ts';
import { actionSizeOf, observationSizeOf, type PolicyDefinition } from './policy-definition.ts';
import { createProbeRandom, type ProbeRandom } from './probe-random.ts';
import { ReferencePolicy } from './reference-policy.ts';

/** Share of each action's range, high − low, by which ONNX Runtime and the float64 reference may differ. */
export const parityTolerance = 1e-5;

/** No probe is larger than this; wider bounds, as float32's largest values, count as none. */
export const largestProbe = 1e6;

/** Probes of each kind, in this order; 1 000 in all. */
const kinds = { zeros: 1, bounds: 99, extreme: 100, saturated: 100, random: 700 } as const;
export type ProbeKind = keyof typeof kinds;

/** Standard deviations of random observations. */
const sizes = [0.1, 1, 10] as const;

/** Observations, and the actions that the float64 reference gives for them. */
export interface Probes {
  readonly count: number;
  readonly kinds: readonly ProbeKind[];
  /** Row-major [count, observationSize]. */
  readonly observations: Float32Array;
  /** Row-major [count, actionSize]. */
  readonly actions: Float64Array;
  /** Observations drawn anew, since float32 rounding alone could exceed the tolerance on them. */
  readonly redrawn: number;
}

export interface ObservationBounds {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/**
 * 1 000 observations: zeros, the corners of the observation space, ±1e6, some that saturate every action, and
 * random ones. An unlucky observation of 1e6 makes a sum in the network cancel, and leaves float32 no correct
 * digit: no two runtimes would agree on its action, so it says nothing about the file and is drawn anew.
 * @throws ExporterError `ILL_CONDITIONED` where that is the rule rather than bad luck
 */
export function drawProbes(definition: PolicyDefinition, bounds: ObservationBounds): Probes {
  const limit = overflowLimit(definition);
  if (limit < largestProbe) throw overflowing(limit);
  const observationSize = observationSizeOf(definition);
  const actionSize = actionSizeOf(definition);
  const order = (Object.keys(kinds) as ProbeKind[]).flatMap((kind) =>
    new Array<ProbeKind>(kinds[kind]).fill(kind),
  );
  const observations = new Float32Array(order.length * observationSize);
  const actions = new Float64Array(order.length * actionSize);
  const reference = new ReferencePolicy(definition);
  const maker = new ProbeMaker(definition, bounds, reference);
  let redrawn = 0;
  order.forEach((kind, row) => {
    for (;;) {
      const observation = maker.make(kind);
      const { action, uncertainty } = reference.act(observation);
      if (isWellConditioned(definition, uncertainty)) {
        observations.set(observation, row * observationSize);
        actions.set(action, row * actionSize);
        return;
      }
      redrawn += 1;
      if (redrawn > order.length) throw illConditioned(row, redrawn);
    }
  });
  return { count: order.length, kinds: order, observations, actions, redrawn };
}

function isWellConditioned({ actionLow, actionHigh }: PolicyDefinition, uncertainty: Float64Array): boolean {
  return uncertainty.every((value, k) => value <= parityTolerance * range(actionLow, actionHigh, k));
}

export function range(low: Float32Array, high: Float32Array, k: number): number {
  return high[k] - low[k];
}

function illConditioned(kept: number, redrawn: number): ExporterError {
  return new ExporterError(
    'ILL_CONDITIONED',
    `float32 cannot hold this actor's actions to ${parityTolerance} of their range: rounding alone may ` +
      `move them further on ${redrawn} of ${kept + redrawn} observations`,
  );
}

function overflowing(limit: number): ExporterError {
  return new ExporterError(
    'ILL_CONDITIONED',
    `float32 may overflow in this actor for observations above ${limit}, at least ${largestProbe} is expected`,
  );
}

class ProbeMaker {
  readonly #definition: PolicyDefinition;
  readonly #low: Float32Array;
  readonly #high: Float32Array;
  readonly #reference: ReferencePolicy;
  readonly #random: ProbeRandom = createProbeRandom(0x67796d77);
  readonly #made: Record<ProbeKind, number> = { zeros: 0, bounds: 0, extreme: 0, saturated: 0, random: 0 };

  constructor(definition: PolicyDefinition, bounds: ObservationBounds, reference: ReferencePolicy) {
    this.#definition = definition;
    this.#low = bounds.low.map((value) => Math.max(value, -largestProbe));
    this.#high = bounds.high.map((value) => Math.min(value, largestProbe));
    this.#reference = reference;
  }

  make(kind: ProbeKind): Float32Array {
    const index = this.#made[kind]++;
    switch (kind) {
      case 'zeros':
        return index === 0 ? this.#fill(() => 0) : this.#ordinary();
      case 'bounds':
        return this.#corner(index);
      case 'extreme':
        return this.#extreme(index);
      case 'saturated':
        return this.#saturated();
      case 'random':
        return this.#ordinary();
    }
  }

  #corner(index: number): Float32Array {
    if (index === 0) return this.#low.slice();
    if (index === 1) return this.#high.slice();
    return this.#fill((i) => (this.#random.sign() < 0 ? this.#low[i] : this.#high[i]));
  }

  #extreme(index: number): Float32Array {
    if (index === 0) return this.#fill(() => largestProbe);
    if (index === 1) return this.#fill(() => -largestProbe);
    if (index % 2 === 0) return this.#fill(() => largestProbe * this.#random.sign());
    const axis = Math.floor(this.#random.uniform() * this.#low.length);
    const value = largestProbe * this.#random.sign();
    return this.#fill((i) => (i === axis ? value : this.#random.normal()));
  }

  /** A random direction, ten times longer until every action is at a bound, if ever. */
  #saturated(): Float32Array {
    const { actionLow, actionHigh } = this.#definition;
    let observation = this.#fill(() => this.#random.normal());
    for (let length = 1; length < 1e5; length *= 10) {
      const { action } = this.#reference.act(observation);
      const isSaturated = action.every((value, k) => {
        const distance = Math.min(value - actionLow[k], actionHigh[k] - value);
        return distance < 1e-7 * range(actionLow, actionHigh, k);
      });
      if (isSaturated) return observation;
      observation = observation.map((value) => value * 10);
    }
    return observation;
  }

  /** Where both bounds are within ±100 uniform between them, else normal around the normaliser's mean. */
  #ordinary(): Float32Array {
    const size = sizes[Math.floor(this.#random.uniform() * sizes.length)];
    const { normalizer } = this.#definition;
    return this.#fill((i) => {
      const low = this.#low[i];
      const high = this.#high[i];
      if (low >= -100 && high <= 100) return low + (high - low) * this.#random.uniform();
      return (normalizer?.mean[i] ?? 0) + (normalizer?.scale[i] ?? 1) * size * this.#random.normal();
    });
  }

  #fill(value: (i: number) => number): Float32Array {
    return Float32Array.from({ length: this.#low.length }, (_, i) => value(i) + 0);
  }
}
