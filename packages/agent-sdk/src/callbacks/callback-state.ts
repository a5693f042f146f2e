import { shown } from '@gymwire/protocol';
import { dtypeOf } from '../checkpoint/container-format.ts';
import { AgentError } from '../errors.ts';

/** What a callback may keep: it is written with every checkpoint. */
const mostBytes = 16 * 2 ** 20;
const deepest = 32;

/**
 * Refuses what a checkpoint could not give back as it was.
 * @throws AgentError INVALID_STATE, naming the place
 */
export function checkCallbackState(name: string, state: unknown): void {
  let bytes = 0;
  const fail = (where: string, what: string): never => {
    throw new AgentError('INVALID_STATE', `callback "${name}": ${where}: ${what}`);
  };
  const count = (more: number) => {
    bytes += more;
    if (bytes > mostBytes) fail('state()', `expected at most ${mostBytes} bytes, it has more`);
  };
  const visit = (value: unknown, where: string, depth: number): void => {
    if (depth > deepest) fail(where, `expected at most ${deepest} levels, it has more`);
    count(8);
    if (value === null || typeof value === 'boolean') return;
    if (typeof value === 'string') return count(2 * value.length);
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) fail(where, `expected a finite number, got ${value}`);
      return;
    }
    if (dtypeOf(value) !== undefined) return count((value as ArrayBufferView).byteLength);
    if (Array.isArray(value)) return value.forEach((item, i) => visit(item, `${where}[${i}]`, depth + 1));
    if (!isPlainObject(value)) {
      fail(
        where,
        `expected null, a boolean, a number, a string, a typed array, or arrays and objects of these; got ${shown(value)}`,
      );
    }
    for (const [key, field] of Object.entries(value as object)) {
      if (key === '$array' || key === '__proto__') fail(where, `expected other names than ${key}`);
      visit(field, `${where}.${key}`, depth + 1);
    }
  };
  visit(state, 'state()', 0);
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
