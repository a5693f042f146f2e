import type { GraphNode, Initializer, OnnxModel } from '@gymwire/onnx-graph';
import { describe, expect, it } from 'vitest';
import { checkSnapshot } from './check-snapshot.ts';
import type { PolicyDefinition } from './policy-definition.ts';
import { buildPolicyGraph, type PolicyGraph } from './policy-graph.ts';
import { readPolicyGraph } from './read-policy-graph.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';

const plain = checkSnapshot(randomSnapshot({ sizes: [3, 4, 5, 2] }));
const normalizer = { mean: Float32Array.of(1, 2, 3), scale: Float32Array.of(4, 5, 6), clip: 10 };
const normalized: PolicyDefinition = { ...plain, normalizer };
const unclipped: PolicyDefinition = {
  ...plain,
  normalizer: { ...normalizer, clip: Number.POSITIVE_INFINITY },
};

function modelOf(graph: PolicyGraph): OnnxModel {
  const versions = { irVersion: 8, opset: 17, producerName: 'test', producerVersion: '' };
  return { ...versions, graphName: 'policy', metadata: {}, ...graph };
}

function withInitializer(name: string, change: Partial<Initializer>): OnnxModel {
  const graph = buildPolicyGraph(normalized, 2);
  const initializers = graph.initializers.map((initializer) =>
    initializer.name === name ? { ...initializer, ...change } : initializer,
  );
  return modelOf({ ...graph, initializers });
}

function withNode(name: string, change: Partial<GraphNode>): OnnxModel {
  const graph = buildPolicyGraph(normalized, 2);
  const nodes = graph.nodes.map((node) => (node.name === name ? { ...node, ...change } : node));
  return modelOf({ ...graph, nodes });
}

function opsOf(definition: PolicyDefinition): string[] {
  return buildPolicyGraph(definition, 2).nodes.map((node) => node.op);
}

describe('buildPolicyGraph', () => {
  const guardOps = ['Mul', 'ReduceSum'];
  const actorOps = ['Gemm', 'Relu', 'Gemm', 'Relu', 'Gemm', 'Tanh', 'Mul', 'Add', 'Max', 'Min', 'Add'];

  it('is a chain from the observation to the action, with a free batch size', () => {
    const graph = buildPolicyGraph(normalized, 2);
    expect(opsOf(normalized)).toEqual([...guardOps, 'Sub', 'Div', 'Clip', ...actorOps]);
    expect(graph.inputs).toEqual([{ name: 'observation', type: 'float32', shape: ['batch', 3] }]);
    expect(graph.outputs).toEqual([{ name: 'action', type: 'float32', shape: ['batch', 2] }]);
    const [zeros, guard, ...chain] = graph.nodes;
    expect([zeros.inputs, guard.inputs]).toEqual([
      ['observation', 'guard.zero'],
      ['observation.zeros', 'guard.axes'],
    ]);
    let last = 'observation';
    for (const node of chain) {
      expect(node.inputs[0]).toBe(last);
      [last] = node.outputs;
    }
    expect(chain.at(-1)?.inputs).toEqual(['action.bounded', 'observation.guard']);
    expect(last).toBe('action');
  });

  it('leaves out what the policy does not have', () => {
    expect(opsOf(plain)).toEqual([...guardOps, ...actorOps]);
    expect(opsOf(unclipped)).toEqual([...guardOps, 'Sub', 'Div', ...actorOps]);
  });

  it('has no guard in format 1', () => {
    const graph = buildPolicyGraph(plain, 1);
    expect(graph.nodes.map((node) => node.op)).toEqual(actorOps.slice(0, -1));
    expect(graph.nodes.at(-1)?.outputs).toEqual(['action']);
    expect(readPolicyGraph(modelOf(graph), 1)).toEqual(plain);
    expect(() => readPolicyGraph(modelOf(graph), 2)).toThrow(/not the graph of a policy/);
  });

  it('rescales asymmetric bounds with scale and bias', () => {
    const { initializers } = buildPolicyGraph(
      {
        ...plain,
        actionLow: Float32Array.of(-1, 2),
        actionHigh: Float32Array.of(3, 10),
      },
      2,
    );
    const data = (name: string) => initializers.find((entry) => entry.name === name)?.data;
    expect(data('action.scale')).toEqual(Float32Array.of(2, 4));
    expect(data('action.bias')).toEqual(Float32Array.of(1, 6));
  });
});

describe('readPolicyGraph', () => {
  it.each([plain, normalized, unclipped])('reads back what was built (%#)', (definition) => {
    expect(readPolicyGraph(modelOf(buildPolicyGraph(definition, 2)), 2)).toEqual(definition);
  });

  it.each([
    ['a guard of other axes', withInitializer('guard.axes', { data: BigInt64Array.of(0n) })],
    ['a guard that multiplies by 1', withInitializer('guard.zero', { data: Float32Array.of(1) })],
    ['an action beside the guard', withNode('action', { op: 'Identity', inputs: ['action.bounded'] })],
    ['no layers', withInitializer('actor.0.weight', { name: 'other' })],
    ['no bias', withInitializer('actor.1.bias', { name: 'other' })],
    ['no bounds', withInitializer('action.high', { name: 'other' })],
    [
      'weights of another type',
      withInitializer('actor.0.bias', { type: 'float64', data: new Float64Array(4) }),
    ],
    ['scale against bounds', withInitializer('action.scale', { data: Float32Array.of(1, 1) })],
    ['bounds of another size', withInitializer('action.high', { shape: [1], data: Float32Array.of(1) })],
    ['a mean of another size', withInitializer('observation.mean', { shape: [1], data: Float32Array.of(1) })],
    ['a bias of another size', withInitializer('actor.0.bias', { shape: [5], data: new Float32Array(5) })],
    ['a layer of another size', withInitializer('actor.1.weight', { shape: [4, 5] })],
    ['clipping on one side', withInitializer('observation.clip_low', { data: Float32Array.of(-1) })],
    ['another operator', withNode('actor.0.relu', { op: 'Sigmoid' })],
    ['another operand', withNode('action', { inputs: ['action.shifted', 'action.high'] })],
    ['another attribute', withNode('actor.0.linear', { attributes: { transB: 1n, alpha: 2 } })],
    [
      'a fixed batch',
      modelOf({
        ...buildPolicyGraph(plain, 2),
        inputs: [{ name: 'observation', type: 'float32', shape: [1, 3] }],
      }),
    ],
    ['no outputs', modelOf({ ...buildPolicyGraph(plain, 2), outputs: [] })],
    ['no initializers', modelOf({ ...buildPolicyGraph(plain, 2), initializers: [] })],
  ] satisfies ReadonlyArray<[string, OnnxModel]>)('refuses %s', (_what, model) => {
    expect(() => readPolicyGraph(model, 2)).toThrow(
      expect.objectContaining({ name: 'ExporterError', code: 'UNEXPECTED_GRAPH' }),
    );
  });
});
