/** What a server's author says about rules that it does not, or cannot, meet: rule id → reason. */
import { GymwireError } from '@gymwire/protocol';
import { rules } from './rules/all-rules.ts';

export type Claims = Readonly<Record<string, string>>;

/**
 * @param json of a claims file
 * @throws GymwireError INVALID_ARGUMENT when it is no object of reasons, or names a rule that does not exist
 */
export function parseClaims(json: string): Claims {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid(`it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('expected an object of rule ids and reasons');
  }
  const claims: Record<string, string> = {};
  for (const [id, reason] of Object.entries(value)) {
    if (!rules.some((rule) => rule.id === id)) throw invalid(`there is no rule ${JSON.stringify(id)}`);
    if (typeof reason !== 'string' || reason.trim() === '') throw invalid(`${id}: expected a reason`);
    claims[id] = reason;
  }
  return claims;
}

function invalid(what: string, cause?: unknown): GymwireError {
  return new GymwireError('INVALID_ARGUMENT', `claims: ${what}`, cause === undefined ? {} : { cause });
}
