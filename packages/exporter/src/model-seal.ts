import { createHash } from 'node:crypto';
import type { ElementArray, Initializer, OnnxModel } from '@gymwire/onnx-graph';
import { ExporterError } from './errors.ts';
import { userPrefix } from './metadata-codec.ts';
import type { FormatVersion } from './policy-metadata.ts';

/**
 * Hashes in the metadata tell a damaged file from a whole one. They guard against accidents, not against an author
 * of forged files: nobody signs them. Format 1 has two; format 2 adds that of the description, which a tool that
 * turns the model into another one leaves as it was, and leaves the owner's metadata out.
 */
const weightsKey = 'gymwire.weights_sha256';
const descriptionKey = 'gymwire.description_sha256';
const modelKey = 'gymwire.model_sha256';

/** The model with its hashes in the metadata. */
export function sealModel(model: OnnxModel, format: FormatVersion): OnnxModel {
  const withKey = (sealed: OnnxModel, key: string, hash: string) => ({
    ...sealed,
    metadata: { ...sealed.metadata, [key]: hash },
  });
  let sealed = withKey(model, weightsKey, weightsSha256(model.initializers));
  if (format > 1) sealed = withKey(sealed, descriptionKey, descriptionSha256(sealed.metadata));
  return withKey(sealed, modelKey, modelSha256(sealed, format));
}

/**
 * @param unread what the file says beyond the model
 * @returns the weights' sha256
 * @throws ExporterError `CORRUPT_WEIGHTS`, `CORRUPT_MODEL`
 */
export function checkSeal(model: OnnxModel, format: FormatVersion, unread: readonly string[]): string {
  const { metadata } = model;
  const weights = weightsSha256(model.initializers);
  check('CORRUPT_WEIGHTS', 'the weights hash', weights, metadata[weightsKey]);
  if (format > 1) {
    check('CORRUPT_MODEL', 'its description hashes', descriptionSha256(metadata), metadata[descriptionKey]);
    refuseStrangers(metadata, unread);
  }
  check('CORRUPT_MODEL', 'the model hashes', modelSha256(model, format), metadata[modelKey]);
  return weights;
}

/** Returns whether the entries that describe a policy are those that were written with it. */
export function hasWholeDescription(metadata: OnnxModel['metadata']): boolean {
  return metadata[descriptionKey] === descriptionSha256(metadata);
}

/** The weights' sha256 when the policy was written. */
export function sealedWeights(metadata: OnnxModel['metadata']): string | undefined {
  return metadata[weightsKey];
}

function check(code: 'CORRUPT_WEIGHTS' | 'CORRUPT_MODEL', what: string, hash: string, sealed?: string): void {
  if (hash === sealed) return;
  throw new ExporterError(code, `${what} to ${hash}, but the file was written with ${sealed ?? 'none'}`);
}

/** What no policy file has. The model's hash would tell as well, but not what it is. */
function refuseStrangers(metadata: OnnxModel['metadata'], unread: readonly string[]): void {
  if (unread.length > 0) {
    const message = `the file holds what no policy has: ${unread.slice(0, 10).join(', ')}`;
    throw new ExporterError('CORRUPT_MODEL', message);
  }
  const strangers = Object.keys(metadata).filter(
    (key) => !key.startsWith(userPrefix) && !key.startsWith('gymwire.'),
  );
  if (strangers.length === 0) return;
  throw new ExporterError(
    'CORRUPT_MODEL',
    `the metadata was changed: it holds ${strangers.slice(0, 10).join(', ')}; keys of your own begin with "${userPrefix}"`,
  );
}

/** The hash over the initializers in file order, of each: name, NUL, type, NUL, dimensions joined by commas, NUL, its bytes. */
function weightsSha256(initializers: readonly Initializer[]): string {
  const hash = createHash('sha256');
  for (const { name, type, shape, data } of initializers) {
    hash.update(`${name}\0${type}\0${shape.join(',')}\0`);
    hash.update(littleEndianBytes(data));
  }
  return hash.digest('hex');
}

/** Over the entries `gymwire.*` of the metadata but this hash and the model's, as JSON pairs sorted by key. */
function descriptionSha256(metadata: OnnxModel['metadata']): string {
  const entries = sortedEntries(metadata).filter(
    ([key]) => key.startsWith('gymwire.') && key !== descriptionKey && key !== modelKey,
  );
  return sha256(JSON.stringify(entries));
}

/** Over what the model says, not over the file: writing it anew with another library leaves it valid. */
function modelSha256(model: OnnxModel, format: FormatVersion): string {
  const { irVersion, opset, producerName, producerVersion, graphName, doc, inputs, outputs } = model;
  const nodes = model.nodes.map((node) => [
    node.name,
    node.op,
    node.inputs,
    node.outputs,
    sortedEntries(node.attributes ?? {}),
  ]);
  const metadata = sortedEntries(model.metadata).filter(
    ([key]) => key !== modelKey && !(format > 1 && key.startsWith(userPrefix)),
  );
  const values = [inputs, outputs].map((list) => list.map(({ name, type, shape }) => [name, type, shape]));
  const versions = [irVersion, opset, producerName, producerVersion, graphName, doc ?? null];
  return sha256(
    JSON.stringify([versions, values, nodes, metadata], (_key, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    ),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function littleEndianBytes({ buffer, byteOffset, byteLength, BYTES_PER_ELEMENT }: ElementArray): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  // Sizes are powers of two.
  return hostIsLittleEndian ? bytes : bytes.map((_, i) => bytes[i ^ (BYTES_PER_ELEMENT - 1)]);
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
