import type { TensorExpr } from '@gymwire/onnx-graph/trace';
import type { LearnerOptions } from '../../learner.ts';
import {
  type BatchColumn,
  type CriticNames,
  type ExchangedColumn,
  type GraphName,
  layOutNetworks,
  layOutUpdateVector,
  layoutOf,
  type NetworkName,
  ownCriticsOf,
  type Role,
} from '../memory/update-vector.ts';
import { type TracedNetwork, traceNetwork, vectorPart } from './traced-networks.ts';

/** What a graph is traced from: the expressions that it finds in its stretch of the update vector. */
export interface GraphInputs {
  readonly options: LearnerOptions;
  /** The critics of the role. */
  readonly critics: readonly CriticNames[];
  /** The parameters of a network. */
  readonly network: (name: NetworkName) => TracedNetwork;
  /** A column of the batch: [rows, width], or [1, rows] of what is one value a row. */
  readonly column: (name: BatchColumn | ExchangedColumn) => TensorExpr;
}

/** What a graph gives, by the names of its fetches. */
export type GraphOutputs = Readonly<Record<string, TensorExpr>>;

const isScalar: ReadonlySet<string> = new Set(['reward', 'terminated', 'nextQ1', 'nextQ2']);

/** Returns the inputs of one of a role's graphs. */
export function graphInputs(options: LearnerOptions, role: Role, graph: GraphName): GraphInputs {
  const layouts = layOutNetworks(options);
  const { parts, widths, graphs } = layOutUpdateVector(options, role);
  const stretch = graphs[graph];
  const rows = options.batchSize;
  return {
    options,
    critics: ownCriticsOf(role),
    network: (name) => traceNetwork(name, layoutOf(name, layouts), stretch, parts[name].offset),
    column: (name) =>
      vectorPart(stretch, parts[name].offset, isScalar.has(name) ? [1, rows] : [rows, widths[name]]),
  };
}
