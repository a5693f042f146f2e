/** Values that a simulator returned, in memory of the server's own: simulators write into their arrays again. */
import {
  copyElements,
  copyOver,
  isTensor,
  type Space,
  type Tensor,
  Tuple,
  type Value,
  type ValueDict,
} from '@gymwire/protocol';

/**
 * A copy of a member of `space`. An earlier copy is written over, so that holding on to an observation a step costs
 * no allocation.
 * @param held an earlier copy, of the same space, that nobody needs any more; null: none
 */
export function holdMember(space: Space, held: Value, member: Value): Value {
  switch (space.type) {
    case 'box':
    case 'multi-discrete':
    case 'multi-binary':
      return holdTensor(held as Tensor | null, member as Tensor);
    case 'discrete':
      return isTensor(member) ? holdTensor(null, member) : member;
    case 'text':
      return member;
    case 'dict': {
      const [before, now] = [held as ValueDict | null, member as ValueDict];
      return Object.fromEntries(
        space.entries.map(([key, inner]) => [key, holdMember(inner, before?.[key] ?? null, now[key])]),
      );
    }
    case 'tuple': {
      const [before, now] = [held as Tuple | null, member as Tuple];
      return new Tuple(
        space.spaces.map((inner, i) => holdMember(inner, before?.items[i] ?? null, now.items[i])),
      );
    }
  }
}

function holdTensor(held: Tensor | null, { dtype, shape, data }: Tensor): Tensor {
  if (held === null || held.dtype !== dtype)
    return { dtype, shape: [...shape], data: copyElements(dtype, data) };
  copyOver(held.data, data);
  return held;
}
