/** How many bytes spaces and their members take: what no message has room for is refused before anything is made of it. */
import { GymwireError, type Space } from '@gymwire/protocol';
import { frameBytes } from './reply-budget.ts';

interface Spaces {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

/**
 * Two spaces go into one message when a session is made, and an observation of each environment into that of every step.
 * @param count of environments
 * @throws GymwireError CAPACITY, with what to do
 */
export function checkSpaces(
  { observationSpace, actionSpace }: Spaces,
  count: number,
  maxMessageBytes: number,
): void {
  const spaceBytes = boundBytes(observationSpace) + boundBytes(actionSpace);
  const stepBytes = count * memberBytes(observationSpace);
  const room = `and a message of this server has at most ${maxMessageBytes} (maxMessageBytes)`;
  if (spaceBytes + frameBytes > maxMessageBytes) {
    throw new GymwireError(
      'CAPACITY',
      `the bounds of the environment's spaces take ${spaceBytes} bytes, ${room}`,
    );
  }
  if (stepBytes + frameBytes <= maxMessageBytes) return;
  const whose = count === 1 ? 'an observation takes' : `the observations of ${count} environments take`;
  throw new GymwireError('CAPACITY', `${whose} ${stepBytes} bytes, ${room}`);
}

/** Bytes of the arrays that say what its members are. */
function boundBytes(space: Space): number {
  switch (space.type) {
    case 'box':
      return space.low.data.byteLength + space.high.data.byteLength;
    case 'multi-discrete':
      return space.nvec.data.byteLength + space.start.data.byteLength;
    case 'text':
      return space.charset.length;
    default:
      return sumOf(space, boundBytes);
  }
}

/** Bytes of an observation's arrays; what has no fixed length counts nothing. */
function memberBytes(space: Space): number {
  switch (space.type) {
    case 'box':
      return space.low.data.byteLength;
    case 'multi-discrete':
      return space.nvec.data.byteLength;
    case 'multi-binary':
      return space.shape.reduce((size, length) => size * length, 1);
    default:
      return sumOf(space, memberBytes);
  }
}

function sumOf(space: Space, bytes: (inner: Space) => number): number {
  switch (space.type) {
    case 'dict':
      return space.entries.reduce((sum, [, inner]) => sum + bytes(inner), 0);
    case 'tuple':
      return space.spaces.reduce((sum, inner) => sum + bytes(inner), 0);
    default:
      return 0;
  }
}
