/** Methods and attributes of remote simulators, out of those that their spec lists. */
import {
  type AttributeRead,
  type EnvSpec,
  GymwireError,
  type MethodCall,
  type Value,
} from '@gymwire/protocol';
import {
  decodeAttributeValues,
  decodeCallOutcome,
  encodeAttributeRead,
  encodeMethodCall,
} from '@gymwire/protocol/wire';
import type { RemoteSession } from './remote-session.ts';

/** The environments of a vector session, ascending; default: all. */
export type Selection = Pick<AttributeRead, 'envIndices'>;

/** Keyword arguments too: those of a simulator in Python; one in TypeScript gets them as a dictionary after the others. */
export type CallOptions = Omit<MethodCall, 'name' | 'arguments'>;

/** @throws GymwireError UNSUPPORTED for a method that is not listed, ENV_FAILED with the method's own message */
export async function callMethod(
  session: RemoteSession,
  name: string,
  args: readonly Value[],
  options: CallOptions,
): Promise<Value[]> {
  const { spec } = session.description;
  expectListed('method', name, spec.methods, spec);
  const reply = await session.callMethod(encodeMethodCall({ name, arguments: args, ...options }));
  return decodeCallOutcome(reply, countOf(session, options));
}

/** @throws GymwireError UNSUPPORTED for an attribute that is not listed, ENV_FAILED with the simulator's own message */
export async function readAttribute(
  session: RemoteSession,
  name: string,
  selection: Selection,
): Promise<Value[]> {
  const { spec } = session.description;
  expectListed('attribute', name, spec.attributes, spec);
  const reply = await session.readAttribute(encodeAttributeRead({ name, ...selection }));
  return decodeAttributeValues(reply, countOf(session, selection));
}

/** Before it is asked: a server of an earlier version would not know the question. */
function expectListed(kind: string, name: string, listed: readonly string[] = [], { id }: EnvSpec): void {
  if (listed.includes(name)) return;
  const known = listed.join(', ') || 'none';
  throw new GymwireError('UNSUPPORTED', `${id} lists no ${kind} ${JSON.stringify(name)}; it lists: ${known}`);
}

function countOf({ description }: RemoteSession, { envIndices }: Selection): number {
  return envIndices?.length ?? description.numEnvs ?? 1;
}
