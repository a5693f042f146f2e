import { traceModel } from '@gymwire/onnx-graph/trace';
import type { LearnerOptions } from '../../learner.ts';
import type { LearnerMemory } from '../memory/learner-memory.ts';
import { type GraphName, layoutOf, type NetworkName, type Role } from '../memory/update-vector.ts';
import { type GraphInputs, type GraphOutputs, graphInputs } from './graph-inputs.ts';
import { loadOnnxRuntime } from './onnx-runtime.ts';
import { largeName, vectorInput } from './traced-networks.ts';
import { UpdateGraph } from './update-graph.ts';

const graphsOf: Readonly<Record<Role, readonly GraphName[]>> = {
  whole: ['critics', 'policy'],
  critic1: ['targets', 'critic', 'policy'],
  critic2: ['targets', 'critic'],
};

/** The graphs of a role, bound to the arrays of a memory. */
export class LearnerGraphs {
  readonly #graphs: ReadonlyMap<GraphName, UpdateGraph>;

  private constructor(graphs: ReadonlyMap<GraphName, UpdateGraph>) {
    this.#graphs = graphs;
  }

  /**
   * Traces the graphs of a role and makes them ready to run.
   * @param expressions what each graph computes
   * @param profilePrefix see CompiledDiagnostics
   * @throws AgentError BACKEND_UNAVAILABLE
   */
  static async create(
    options: LearnerOptions,
    role: Role,
    expressions: Readonly<Record<GraphName, (inputs: GraphInputs) => GraphOutputs>>,
    memory: LearnerMemory,
    profilePrefix?: string,
  ): Promise<LearnerGraphs> {
    const runtime = await loadOnnxRuntime();
    const graphs = new Map<GraphName, UpdateGraph>();
    for (const name of graphsOf[role]) {
      const arrays = arraysOf(memory, name);
      const profile = profilePrefix === undefined ? undefined : `${profilePrefix}-${name}`;
      const outputs = expressions[name](graphInputs(options, role, name));
      const identity = { graphName: `td3_${name}`, producerName: 'gymwire', producerVersion: '1' };
      const model = traceModel(outputs, identity);
      graphs.set(name, await UpdateGraph.create(runtime, model, arrays, profile));
    }
    return new LearnerGraphs(graphs);
  }

  /** Runs one graph; does nothing where the role has none of this name. */
  async run(name: GraphName): Promise<void> {
    await this.#graphs.get(name)?.run();
  }

  async dispose(): Promise<void> {
    for (const graph of this.#graphs.values()) await graph.dispose();
  }
}

/** Every array that a graph may read or fill, by the names of its feeds and fetches. */
function arraysOf(memory: LearnerMemory, graph: GraphName): Record<string, Float32Array> {
  const { vector, vectorLayout, networks, gradients, layouts } = memory;
  const { offset, length } = vectorLayout.graphs[graph];
  const arrays: Record<string, Float32Array> = {
    [vectorInput]: vector.subarray(offset, offset + length),
    gradient: graph === 'policy' ? memory.policyResult : memory.criticsResult,
    nextQ: memory.nextQ,
  };
  const each = (name: NetworkName, prefix: string, large: Float32Array) =>
    layoutOf(name, layouts).largeMatrices.forEach((matrix, i) => {
      const values = large.subarray(matrix.offset, matrix.offset + matrix.length);
      arrays[`${prefix}${largeName(name, i)}`] = values;
    });
  for (const [name, { large }] of Object.entries(networks)) each(name as NetworkName, '', large);
  for (const [name, { large }] of Object.entries(gradients)) each(name as NetworkName, 'gradient.', large);
  return arrays;
}
