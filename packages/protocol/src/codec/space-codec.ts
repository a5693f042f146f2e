/** Spaces ⇄ wire messages. */
import { GymwireError } from '../errors.ts';
import type { Space as WireSpace, Space__Output as WireSpaceOutput } from '../generated/gymwire/v1/Space.ts';
import type { Tensor__Output } from '../generated/gymwire/v1/Tensor.ts';
import type { BoxSpace, Space } from '../space.ts';
import type { Tensor } from '../tensor.ts';
import { decodeDType, decodeTensor, encodeDType, encodeTensor } from './tensor-codec.ts';

const maxDepth = 32;

export function encodeSpace(space: Space): WireSpace {
  switch (space.type) {
    case 'box':
      return { box: { low: encodeTensor(space.low), high: encodeTensor(space.high) } };
    case 'discrete':
      return {
        discrete: { n: space.n.toString(), start: space.start.toString(), dtype: encodeDType(space.dtype) },
      };
    case 'multi-binary':
      return { multiBinary: { shape: [...space.shape] } };
    case 'multi-discrete':
      return { multiDiscrete: { nvec: encodeTensor(space.nvec), start: encodeTensor(space.start) } };
    case 'dict':
      return { dict: { entries: space.entries.map(([key, inner]) => ({ key, space: encodeSpace(inner) })) } };
    case 'tuple':
      return { tuple: { spaces: space.spaces.map(encodeSpace) } };
    case 'text':
      return { text: { minLength: space.minLength, maxLength: space.maxLength, charset: space.charset } };
  }
}

/** @throws GymwireError MALFORMED for an unknown kind, bounds that do not match, or nesting deeper than 32 */
export function decodeSpace(wire: WireSpaceOutput | null, where: string, depth = 0): Space {
  if (depth > maxDepth) {
    throw new GymwireError('MALFORMED', `${where}: spaces nest at most ${maxDepth} levels deep`);
  }
  if (wire?.box) return decodeBox(wire.box.low, wire.box.high, where);
  if (wire?.discrete) {
    const { n, start, dtype } = wire.discrete;
    return { type: 'discrete', n: BigInt(n), start: BigInt(start), dtype: decodeDType(dtype, where) };
  }
  if (wire?.multiBinary) return { type: 'multi-binary', shape: wire.multiBinary.shape };
  if (wire?.multiDiscrete) {
    const { nvec, start } = wire.multiDiscrete;
    return {
      type: 'multi-discrete',
      nvec: bound(nvec, `${where}.nvec`),
      start: bound(start, `${where}.start`),
    };
  }
  if (wire?.dict) {
    const entries = wire.dict.entries.map(
      ({ key, space }) => [key, decodeSpace(space, `${where}.${key}`, depth + 1)] as const,
    );
    return { type: 'dict', entries };
  }
  if (wire?.tuple) {
    const spaces = wire.tuple.spaces.map((space, index) =>
      decodeSpace(space, `${where}[${index}]`, depth + 1),
    );
    return { type: 'tuple', spaces };
  }
  if (wire?.text) return { type: 'text', ...wire.text };
  throw new GymwireError('MALFORMED', `${where}: expected a space, got none or one of an unknown kind`);
}

function bound(wire: Tensor__Output | null, where: string): Tensor {
  if (wire === null) throw new GymwireError('MALFORMED', `${where}: missing`);
  return decodeTensor(wire, where);
}

function decodeBox(wireLow: Tensor__Output | null, wireHigh: Tensor__Output | null, where: string): BoxSpace {
  const low = bound(wireLow, `${where}.low`);
  const high = bound(wireHigh, `${where}.high`);
  if (low.dtype !== high.dtype || low.shape.join() !== high.shape.join()) {
    throw new GymwireError(
      'MALFORMED',
      `${where}: low is ${low.dtype} [${low.shape.join(', ')}] but high is ${high.dtype} [${high.shape.join(', ')}]`,
    );
  }
  return { type: 'box', low, high };
}
