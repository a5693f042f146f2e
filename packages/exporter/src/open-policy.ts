import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { decodeModel, OnnxGraphError, type OnnxModel, unreadFields } from '@gymwire/onnx-graph';
import { findDerived, nameOf } from './derived-model.ts';
import { ExporterError, type ExporterErrorCode, messageOf, systemCodeOf } from './errors.ts';
import { decodeMetadata, readFormat } from './metadata-codec.ts';
import { checkSeal } from './model-seal.ts';
import { observationSizeOf, type PolicyDefinition } from './policy-definition.ts';
import type { PolicyMetadata } from './policy-metadata.ts';
import { readPolicyGraph } from './read-policy-graph.ts';

/** A policy file: its bytes, or where it lies. */
export type PolicySource = Uint8Array | string;

export interface OpenedPolicy {
  readonly metadata: PolicyMetadata;
  readonly definition: PolicyDefinition;
}

/** @throws ExporterError `UNREADABLE_FILE` */
export async function readPolicyBytes(source: PolicySource): Promise<Uint8Array> {
  if (typeof source !== 'string') return source;
  try {
    return await readFile(source);
  } catch (cause) {
    throw new ExporterError('UNREADABLE_FILE', unreadable(source, cause), { cause });
  }
}

function unreadable(path: string, cause: unknown): string {
  const code = systemCodeOf(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no file ${path}`;
  if (code === 'EISDIR') {
    return `${path} is a folder, expected an .onnx file: gymwire export makes one of a run's folder`;
  }
  return `cannot read ${path}: ${messageOf(cause)}`;
}

/**
 * Everything that can be found out about a policy file without running it. ONNX Runtime only ever sees files
 * that came through here, or whose description is whole: a damaged one could crash the process.
 * @param source where the bytes are from: errors name the file
 * @throws ExporterError `NOT_ONNX`, `FOREIGN_MODEL`, `UNSUPPORTED_FORMAT`, `CORRUPT_WEIGHTS`, `CORRUPT_MODEL`,
 * `DERIVED_MODEL`, `INVALID_METADATA`, `UNEXPECTED_GRAPH`
 */
export function openPolicy(bytes: Uint8Array, source: PolicySource = bytes): OpenedPolicy {
  try {
    return open(bytes);
  } catch (cause) {
    if (!(cause instanceof ExporterError)) throw cause;
    throw named(brokenSeal.has(cause.code) ? derivedInstead(bytes, cause) : cause, source);
  }
}

/** What a model that was made of a policy is taken for at first. */
const brokenSeal: ReadonlySet<ExporterErrorCode> = new Set([
  'FOREIGN_MODEL',
  'CORRUPT_WEIGHTS',
  'CORRUPT_MODEL',
]);

function derivedInstead(bytes: Uint8Array, cause: ExporterError): ExporterError {
  const derived = findDerived(bytes);
  if (derived === undefined) return cause;
  const message = `a model made of ${nameOf(derived.origin)}, and not that policy: ${derived.changes.join('; ')}`;
  return new ExporterError('DERIVED_MODEL', message, { cause });
}

/** With the file's name before the message. */
export function named(error: ExporterError, source: PolicySource): ExporterError {
  if (typeof source !== 'string') return error;
  return new ExporterError(error.code, `${source}: ${error.message}`, { cause: error });
}

function open(bytes: Uint8Array): OpenedPolicy {
  const model = decode(bytes);
  const format = readFormat(model.metadata);
  const weightsSha256 = checkSeal(model, format, unreadFields(bytes));
  checkVersions(model);
  const metadata = { ...decodeMetadata(model.metadata), weightsSha256 };
  const definition = readPolicyGraph(model, format);
  checkAgreement(metadata, definition);
  return { metadata, definition };
}

/** How the files of a run begin; agent-sdk writes them. */
const runFileMagic = Buffer.from('\x89GYMWIRE', 'latin1');

function decode(bytes: Uint8Array): OnnxModel {
  if (runFileMagic.equals(bytes.subarray(0, runFileMagic.length))) {
    throw new ExporterError(
      'NOT_ONNX',
      "no ONNX model but a file of a run, such as its policy: `gymwire export` makes the .onnx of a run's folder",
    );
  }
  try {
    return decodeModel(bytes);
  } catch (cause) {
    if (cause instanceof OnnxGraphError && cause.code === 'UNSUPPORTED_MODEL') {
      throw new ExporterError('FOREIGN_MODEL', `no gymwire policy: ${cause.message}`, { cause });
    }
    throw new ExporterError(
      'NOT_ONNX',
      `no complete ONNX model (is this an .onnx file?): ${messageOf(cause)}`,
      { cause },
    );
  }
}

function checkVersions({ irVersion, opset }: OnnxModel): void {
  if (irVersion === 8 && opset === 17) return;
  throw new ExporterError(
    'UNEXPECTED_GRAPH',
    `not the graph of a policy: expected IR 8 and opset 17, got ${irVersion} and ${opset}`,
  );
}

function checkAgreement({ observation, action }: PolicyMetadata, definition: PolicyDefinition): void {
  const size = observationSizeOf(definition);
  if (observation.low.length !== size) {
    throw new ExporterError(
      'INVALID_METADATA',
      `observation: the graph takes ${size} values, the metadata describes ${observation.low.length}`,
    );
  }
  if (
    !isDeepStrictEqual(action.low, definition.actionLow) ||
    !isDeepStrictEqual(action.high, definition.actionHigh)
  ) {
    throw new ExporterError('INVALID_METADATA', 'action: the bounds are not those of the graph');
  }
}
