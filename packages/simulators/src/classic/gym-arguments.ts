/** What an environment is handed, read as Gymnasium's classic environments read it. */
import { GymwireError, type Info, isTensor, Scalar, type Value } from '@gymwire/protocol';

/** The one element of an action of shape [1]. */
export function singleAction(action: Value): number {
  if (isTensor(action) && action.data.length === 1) return Number(action.data[0]);
  throw new GymwireError('BAD_ACTION', 'action: expected an array of shape [1]');
}

/**
 * A reset option that Python's `float()` takes: a number, boolean, numeric string or array of shape [].
 *
 * @throws {GymwireError} INVALID_ARGUMENT with Gymnasium's message for anything else
 */
export function floatOption(options: Info | undefined, name: string, defaultValue: number): number {
  if (options === undefined || !Object.hasOwn(options, name)) return defaultValue;
  const value = options[name] ?? null;
  const number = toFloat(value);
  if (number !== undefined) return number;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `reset option ${name}: An option (${describe(value)}) could not be converted to a float.`,
    { details: { argument: name } },
  );
}

function toFloat(value: Value): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return Number(value);
  if (value instanceof Scalar) return Number(value.value);
  if (isTensor(value) && value.shape.length === 0) return Number(value.data[0]);
  if (typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
    return Number(value);
  return undefined;
}

function describe(value: Value): string {
  if (value === null) return 'None';
  return typeof value === 'string' ? value : typeof value === 'object' ? 'a structure' : String(value);
}
