import type { GraphNode, Initializer, OnnxModel, ValueInfo } from '@gymwire/onnx-graph';
import { actionSizeOf, observationSizeOf, type PolicyDefinition } from './policy-definition.ts';
import type { FormatVersion } from './policy-metadata.ts';
import type { LinearLayer, ObservationNormalizer } from './policy-snapshot.ts';

/** The part of an ONNX model that computes. */
export type PolicyGraph = Pick<OnnxModel, 'inputs' | 'outputs' | 'nodes' | 'initializers'>;

/** Node outputs and initializers are named alike: what they hold, from the observation to the action. */
export const inputName = 'observation';
export const outputName = 'action';

/** What the guard adds to the action: 0, or NaN where the observation is not finite. */
const guardName = 'observation.guard';

/**
 * observation [batch, n] → (Sub mean → Div scale → Clip) → (Gemm → Relu)… → Gemm → Tanh → Mul scale →
 * Add bias → Max low → Min high → Add guard → action [batch, m]. Max and Min, because the float32 rescaling can
 * pass a bound by one ulp, and because Clip takes scalars only.
 *
 * Relu, Clip, Max and Min may turn NaN into a number, and differ in it from runtime to runtime. The guard goes
 * around them: observation · 0 summed over its axis. It is 0 for every finite observation, whatever its size, and
 * leaves each bit of its action; 0 · ∞ and 0 · NaN are NaN. It is added last, since a clamp would swallow it.
 * Format 1 has no guard.
 */
export function buildPolicyGraph(definition: PolicyDefinition, format: FormatVersion): PolicyGraph {
  const builder = new ChainBuilder();
  if (format > 1) appendGuard(builder);
  if (definition.normalizer !== undefined) appendNormalizer(builder, definition.normalizer);
  definition.layers.forEach((layer, i) => {
    appendLayer(builder, layer, i, i === definition.layers.length - 1);
  });
  appendRescaling(builder, definition, format > 1 ? 'action.bounded' : outputName);
  if (format > 1) builder.append('Add', outputName, [guardName]);
  return {
    inputs: [valueInfo(inputName, observationSizeOf(definition))],
    outputs: [valueInfo(outputName, actionSizeOf(definition))],
    nodes: builder.nodes,
    initializers: builder.initializers,
  };
}

/** The operators of a policy with so many layers, in the order of its nodes. */
export function operatorsOf(
  format: FormatVersion,
  layers: number,
  normalizer: 'none' | 'clipped' | 'bare',
): string[] {
  const one = Float32Array.of(1);
  const clip = normalizer === 'clipped' ? 1 : Number.POSITIVE_INFINITY;
  const definition: PolicyDefinition = {
    layers: Array.from({ length: layers }, () => ({ inputs: 1, outputs: 1, weight: one, bias: one })),
    ...(normalizer === 'none' ? {} : { normalizer: { mean: one, scale: one, clip } }),
    actionLow: one,
    actionHigh: one,
  };
  return buildPolicyGraph(definition, format).nodes.map(({ op }) => op);
}

/** ReduceSum, not ReduceL1: OpenVINO 2026.4 spreads the NaN of one row over others in the latter. */
function appendGuard(builder: ChainBuilder): void {
  const zero = builder.constant('guard.zero', [], Float32Array.of(0));
  builder.aside('Mul', 'observation.zeros', [inputName, zero]);
  const axes = builder.integers('guard.axes', [1]);
  builder.aside('ReduceSum', guardName, ['observation.zeros', axes], { keepdims: 1n });
}

function appendNormalizer(builder: ChainBuilder, { mean, scale, clip }: ObservationNormalizer): void {
  builder.append('Sub', 'observation.centred', [builder.vector('observation.mean', mean)]);
  builder.append('Div', 'observation.normalized', [builder.vector('observation.scale', scale)]);
  if (clip === Number.POSITIVE_INFINITY) return;
  const low = builder.constant('observation.clip_low', [], Float32Array.of(-clip));
  const high = builder.constant('observation.clip_high', [], Float32Array.of(clip));
  builder.append('Clip', 'observation.clipped', [low, high]);
}

function appendLayer(builder: ChainBuilder, layer: LinearLayer, index: number, isLast: boolean): void {
  const { inputs, outputs, weight, bias } = layer;
  const operands = [
    builder.constant(`actor.${index}.weight`, [outputs, inputs], weight),
    builder.vector(`actor.${index}.bias`, bias),
  ];
  builder.append('Gemm', `actor.${index}.linear`, operands, { transB: 1n });
  if (!isLast) builder.append('Relu', `actor.${index}.relu`, []);
}

function appendRescaling(
  builder: ChainBuilder,
  { actionLow, actionHigh }: PolicyDefinition,
  output: string,
): void {
  const high = (i: number) => actionHigh[i];
  const scale = actionLow.map((low, i) => (high(i) - low) / 2);
  const bias = actionLow.map((low, i) => (high(i) + low) / 2);
  builder.append('Tanh', 'action.unit', []);
  builder.append('Mul', 'action.scaled', [builder.vector('action.scale', scale)]);
  builder.append('Add', 'action.shifted', [builder.vector('action.bias', bias)]);
  builder.append('Max', 'action.above_low', [builder.vector('action.low', actionLow)]);
  builder.append('Min', output, [builder.vector('action.high', actionHigh)]);
}

function valueInfo(name: string, size: number): ValueInfo {
  return { name, type: 'float32', shape: ['batch', size] };
}

type Attributes = Readonly<Record<string, bigint>>;

/** A graph in which every node takes the output of the one before, and others; few stand aside. */
class ChainBuilder {
  readonly nodes: GraphNode[] = [];
  readonly initializers: Initializer[] = [];
  #last = inputName;

  append(op: string, output: string, operands: readonly string[], attributes?: Attributes): void {
    this.aside(op, output, [this.#last, ...operands], attributes);
    this.#last = output;
  }

  /** A node that the next one does not follow. */
  aside(op: string, output: string, inputs: readonly string[], attributes?: Attributes): void {
    const extra = attributes === undefined ? {} : { attributes };
    this.nodes.push({ name: output, op, inputs, outputs: [output], ...extra });
  }

  constant(name: string, shape: readonly number[], data: Float32Array): string {
    this.initializers.push({ name, type: 'float32', shape, data });
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    this.initializers.push({ name, type: 'int64', shape: [values.length], data });
    return name;
  }

  vector(name: string, data: Float32Array): string {
    return this.constant(name, [data.length], data);
  }
}
