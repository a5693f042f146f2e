import type { GraphNode, Initializer, OnnxModel, ValueInfo } from '@gymwire/onnx-graph';
import { actionSizeOf, observationSizeOf, type PolicyDefinition } from './policy-definition.ts';
import type { LinearLayer, ObservationNormalizer } from './policy-snapshot.ts';

/** The part of an ONNX model that computes. */
export type PolicyGraph = Pick<OnnxModel, 'inputs' | 'outputs' | 'nodes' | 'initializers'>;

/** Node outputs and initializers are named alike: what they hold, from the observation to the action. */
export const inputName = 'observation';
export const outputName = 'action';

/**
 * observation [batch, n] → (Sub mean → Div scale → Clip) → (Gemm → Relu)… → Gemm → Tanh → Mul scale →
 * Add bias → Max low → Min high → action [batch, m]. Max and Min, because the float32 rescaling can pass a
 * bound by one ulp, and because Clip takes scalars only.
 */
export function buildPolicyGraph(definition: PolicyDefinition): PolicyGraph {
  const builder = new ChainBuilder();
  if (definition.normalizer !== undefined) appendNormalizer(builder, definition.normalizer);
  definition.layers.forEach((layer, i) => {
    appendLayer(builder, layer, i, i === definition.layers.length - 1);
  });
  appendRescaling(builder, definition);
  return {
    inputs: [valueInfo(inputName, observationSizeOf(definition))],
    outputs: [valueInfo(outputName, actionSizeOf(definition))],
    nodes: builder.nodes,
    initializers: builder.initializers,
  };
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

function appendRescaling(builder: ChainBuilder, { actionLow, actionHigh }: PolicyDefinition): void {
  const high = (i: number) => actionHigh[i];
  const scale = actionLow.map((low, i) => (high(i) - low) / 2);
  const bias = actionLow.map((low, i) => (high(i) + low) / 2);
  builder.append('Tanh', 'action.unit', []);
  builder.append('Mul', 'action.scaled', [builder.vector('action.scale', scale)]);
  builder.append('Add', 'action.shifted', [builder.vector('action.bias', bias)]);
  builder.append('Max', 'action.above_low', [builder.vector('action.low', actionLow)]);
  builder.append('Min', outputName, [builder.vector('action.high', actionHigh)]);
}

function valueInfo(name: string, size: number): ValueInfo {
  return { name, type: 'float32', shape: ['batch', size] };
}

/** A graph in which every node takes the output of the one before, and constants. */
class ChainBuilder {
  readonly nodes: GraphNode[] = [];
  readonly initializers: Initializer[] = [];
  #last = inputName;

  append(
    op: string,
    output: string,
    operands: readonly string[],
    attributes?: Readonly<Record<string, bigint>>,
  ): void {
    this.nodes.push({
      name: output,
      op,
      inputs: [this.#last, ...operands],
      outputs: [output],
      ...(attributes === undefined ? {} : { attributes }),
    });
    this.#last = output;
  }

  constant(name: string, shape: readonly number[], data: Float32Array): string {
    this.initializers.push({ name, type: 'float32', shape, data });
    return name;
  }

  vector(name: string, data: Float32Array): string {
    return this.constant(name, [data.length], data);
  }
}
