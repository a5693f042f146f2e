import { type ModelHeader, OnnxGraphError, readModelHeader, unreadFields } from '@gymwire/onnx-graph';
import { ExporterError } from './errors.ts';
import { decodeMetadata, readFormat } from './metadata-codec.ts';
import { hasWholeDescription, sealedWeights } from './model-seal.ts';
import { operatorsOf } from './policy-graph.ts';
import type { FormatVersion, PolicyMetadata } from './policy-metadata.ts';

/** A model that another tool made of a policy: its description is whole, its graph is not the one that was sealed. */
export interface DerivedModel {
  /** The policy that it was made of, `weightsSha256` included. */
  readonly origin: PolicyMetadata;
  /** What differs, for people: "operator set 21 instead of 17". */
  readonly changes: readonly string[];
  /** True where there is more than other operators, which a flipped bit in a name makes as well. */
  readonly isCertain: boolean;
  readonly header: ModelHeader;
}

/**
 * Tells a model that was made of a policy from a damaged policy file. Tools that optimise, quantise or convert leave
 * the metadata as it is and their traces elsewhere; damage to the weights alone leaves none.
 * @returns undefined for anything but such a model
 */
export function findDerived(bytes: Uint8Array): DerivedModel | undefined {
  try {
    const header = readModelHeader(bytes);
    const format = readFormat(header.metadata);
    if (format > 1 && !hasWholeDescription(header.metadata)) return undefined;
    const weightsSha256 = sealedWeights(header.metadata);
    if (weightsSha256 === undefined) return undefined;
    const origin = { ...decodeMetadata(header.metadata), weightsSha256 };
    const unread = unreadFields(bytes);
    if (unread.some((field) => damageOnly.test(field))) return undefined;
    const operators = operatorChanges(header.operators, origin.formatVersion);
    const others = [...changesOf(header), ...additions(unread)];
    const changes = [...others, ...operators];
    return changes.length === 0 ? undefined : { origin, changes, isCertain: others.length > 0, header };
  } catch (cause) {
    if (cause instanceof ExporterError || cause instanceof OnnxGraphError) return undefined;
    throw cause;
  }
}

/** What no tool writes: a single field twice, a field of another wire type, a field that ONNX does not have. */
const damageOnly = / (twice|of another wire type)$|(^|\.)\d+$/;

/** `the policy Pendulum-v1, step 11000 (weights 3fa4b1c2…)` */
export function nameOf({ envId, envSteps, weightsSha256 }: PolicyMetadata): string {
  return `the policy ${envId}, step ${envSteps} (weights ${weightsSha256.slice(0, 12)}…)`;
}

function changesOf({ irVersion, opsets, inputs, outputs }: ModelHeader): string[] {
  const changes: string[] = [];
  if (irVersion !== 8) changes.push(`IR ${irVersion} instead of 8`);
  if (opsets[''] !== 17) changes.push(`operator set ${opsets[''] ?? 'none'} instead of 17`);
  const types = [...inputs, ...outputs].flatMap(({ name, dataType }) =>
    dataType === 1 ? [] : [`${name} of ${typeNames[dataType] ?? `ONNX data type ${dataType}`}`],
  );
  return [...changes, ...types];
}

function additions(unread: readonly string[]): string[] {
  if (unread.length === 0) return [];
  const more = unread.length > 5 ? ` and ${unread.length - 5} more` : '';
  return [`${unread.slice(0, 5).join(', ')}${more} added`];
}

/** Against what a policy of as many layers has, with the normaliser that there seems to be. */
function operatorChanges(operators: readonly string[], format: FormatVersion): string[] {
  const known = new Set(operatorsOf(format, 2, 'clipped'));
  const added = [...new Set(operators)].filter((op) => !known.has(op));
  if (added.length > 0) return [`operators ${added.slice(0, 10).join(', ')}`];
  const layers = operators.filter((op) => op === 'Gemm').length;
  const clips = operators.includes('Clip') ? 'clipped' : 'bare';
  const expected = operatorsOf(format, layers, operators.includes('Div') ? clips : 'none');
  if (expected.join() === operators.join()) return [];
  return operators.length === expected.length
    ? ['operators in another order']
    : [`${operators.length} operators instead of ${expected.length}`];
}

/** Names of ONNX's TensorProto.DataType, those of numbers that models have at their ends. */
const typeNames: Readonly<Record<number, string>> = {
  2: 'uint8',
  3: 'int8',
  10: 'float16',
  11: 'float64',
  16: 'bfloat16',
};
