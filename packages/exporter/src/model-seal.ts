import { createHash } from 'node:crypto';
import type { Initializer, OnnxModel } from '@gymwire/onnx-graph';
import { ExporterError } from './errors.ts';

/**
 * Two hashes in the metadata tell a damaged file from a whole one. They guard against accidents, not against
 * an author of forged files: nobody signs them.
 */
const weightsKey = 'gymwire.weights_sha256';
const modelKey = 'gymwire.model_sha256';

/** The model with both hashes in its metadata. */
export function sealModel(model: OnnxModel): OnnxModel {
  const weights = weightsSha256(model.initializers);
  const withWeights = { ...model, metadata: { ...model.metadata, [weightsKey]: weights } };
  return { ...withWeights, metadata: { ...withWeights.metadata, [modelKey]: modelSha256(withWeights) } };
}

/**
 * @returns the weights' sha256
 * @throws ExporterError `CORRUPT_WEIGHTS`, `CORRUPT_MODEL`
 */
export function checkSeal(model: OnnxModel): string {
  const weights = weightsSha256(model.initializers);
  if (weights !== model.metadata[weightsKey]) {
    throw new ExporterError(
      'CORRUPT_WEIGHTS',
      `the weights hash to ${weights}, but the file was written with ${model.metadata[weightsKey] ?? 'none'}`,
    );
  }
  const whole = modelSha256(model);
  if (whole !== model.metadata[modelKey]) {
    throw new ExporterError(
      'CORRUPT_MODEL',
      `the model hashes to ${whole}, but the file was written with ${model.metadata[modelKey] ?? 'none'}`,
    );
  }
  return weights;
}

/** For each initializer, in file order: name, NUL, type, NUL, dimensions joined by commas, NUL, its bytes. */
function weightsSha256(initializers: readonly Initializer[]): string {
  const hash = createHash('sha256');
  for (const { name, type, shape, data } of initializers) {
    hash.update(`${name}\0${type}\0${shape.join(',')}\0`);
    hash.update(littleEndianBytes(data));
  }
  return hash.digest('hex');
}

/** Over what the model says, not over the file: writing it anew with another library leaves it valid. */
function modelSha256(model: OnnxModel): string {
  const { irVersion, opset, producerName, producerVersion, graphName, doc, inputs, outputs } = model;
  const nodes = model.nodes.map((node) => [
    node.name,
    node.op,
    node.inputs,
    node.outputs,
    sortedEntries(node.attributes ?? {}),
  ]);
  const metadata = sortedEntries(model.metadata).filter(([key]) => key !== modelKey);
  const values = [inputs, outputs].map((list) => list.map(({ name, type, shape }) => [name, type, shape]));
  const versions = [irVersion, opset, producerName, producerVersion, graphName, doc ?? null];
  const text = JSON.stringify([versions, values, nodes, metadata], (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function littleEndianBytes(data: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (hostIsLittleEndian || !(data instanceof Float32Array)) return bytes;
  return new Uint8Array(bytes).map((_, i) => bytes[i ^ 3]);
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
