import type { Value, ValueDict } from '@gymwire/protocol';
import type { EnvArgument } from '../policy/policy-snapshot.ts';

/** An environment's arguments in JSON, as the wire has them: numbers without a fraction are ints, which serve as floats too. */
export function wireArguments(json: Readonly<Record<string, EnvArgument>>): ValueDict {
  const wire = (value: EnvArgument): Value =>
    typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, wire(value)]));
}
