import { isDeepStrictEqual } from 'node:util';
import type { OnnxModel } from '@gymwire/onnx-graph';
import { ExporterError } from './errors.ts';
import { actionSizeOf, observationSizeOf, type PolicyDefinition } from './policy-definition.ts';
import { buildPolicyGraph, type PolicyGraph } from './policy-graph.ts';
import type { FormatVersion } from './policy-metadata.ts';
import type { LinearLayer, ObservationNormalizer } from './policy-snapshot.ts';

/**
 * The inverse of `buildPolicyGraph`. Whatever the graph holds, it is accepted only if building it anew from
 * the constants found in it gives the very same graph: so there is one place that says what a policy graph is.
 * @throws ExporterError `UNEXPECTED_GRAPH`
 */
export function readPolicyGraph(model: OnnxModel, format: FormatVersion): PolicyDefinition {
  const constants = new Map(model.initializers.map((initializer) => [initializer.name, initializer]));
  const find = (name: string): Float32Array | undefined => {
    const data = constants.get(name)?.data;
    return data instanceof Float32Array ? data : undefined;
  };
  const normalizer = readNormalizer(find);
  const definition: PolicyDefinition = {
    layers: readLayers(model, find),
    ...(normalizer === undefined ? {} : { normalizer }),
    actionLow: need(find, 'action.low'),
    actionHigh: need(find, 'action.high'),
  };
  checkSizes(definition);
  checkSame(model, buildPolicyGraph(definition, format));
  return definition;
}

type Find = (name: string) => Float32Array | undefined;

function readLayers(model: OnnxModel, find: Find): LinearLayer[] {
  const layers: LinearLayer[] = [];
  for (;;) {
    const name = `actor.${layers.length}.weight`;
    const weight = find(name);
    if (weight === undefined) return layers;
    const shape = model.initializers.find((initializer) => initializer.name === name)?.shape ?? [];
    const [outputs = 0, inputs = 0] = shape;
    layers.push({ inputs, outputs, weight, bias: need(find, `actor.${layers.length}.bias`) });
  }
}

function readNormalizer(find: Find): ObservationNormalizer | undefined {
  const mean = find('observation.mean');
  if (mean === undefined) return undefined;
  const clip = find('observation.clip_high')?.[0] ?? Number.POSITIVE_INFINITY;
  return { mean, scale: need(find, 'observation.scale'), clip };
}

function need(find: Find, name: string): Float32Array {
  const data = find(name);
  if (data === undefined) throw unexpected(`expected a float32 constant "${name}", got none`);
  return data;
}

/** What building and comparing cannot see: sizes that do not meet between one constant and the next. */
function checkSizes({ layers, normalizer, actionLow, actionHigh }: PolicyDefinition): void {
  const sizes = { layers, actionLow, actionHigh };
  let width = layers[0]?.inputs ?? 0;
  for (const { inputs, outputs, bias } of layers) {
    if (inputs !== width || bias.length !== outputs) throw unexpected('the layers do not fit each other');
    width = outputs;
  }
  const observationSize = observationSizeOf(sizes);
  if (width === 0 || observationSize === 0) throw unexpected('the actor has no layers, or empty ones');
  if (width !== actionSizeOf(sizes) || width !== actionHigh.length) {
    throw unexpected('the action bounds do not fit the last layer');
  }
  if (normalizer === undefined) return;
  if (normalizer.mean.length !== observationSize || normalizer.scale.length !== observationSize) {
    throw unexpected('the normaliser does not fit the first layer');
  }
}

function checkSame(model: OnnxModel, expected: PolicyGraph): void {
  for (const part of ['inputs', 'outputs', 'nodes', 'initializers'] as const) {
    if (isDeepStrictEqual(model[part], expected[part])) continue;
    throw unexpected(`its ${part} are not those that its constants prescribe`);
  }
}

function unexpected(message: string): ExporterError {
  return new ExporterError('UNEXPECTED_GRAPH', `not the graph of a policy: ${message}`);
}
