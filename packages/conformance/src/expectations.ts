/** What rules say of what they saw. Each throws Broken with what was expected and what came. */
import type { Value } from '@gymwire/protocol';
import { Refusal } from './client/refusal.ts';
import { findDifference, show } from './difference.ts';
import { Broken } from './verdicts.ts';

/** Equal to the last bit, types and order of keys included. */
export function expectValue(got: Value | undefined, expected: Value, where: string): void {
  const difference = findDifference(expected, got, where);
  if (difference !== undefined) throw new Broken(difference);
}

/** Plain data of ours, compared by content. */
export function expectSame(got: PlainData, expected: PlainData, where: string): void {
  const [a, b] = [JSON.stringify(expected), JSON.stringify(got)];
  if (a !== b) throw new Broken(`${where}: expected ${a}, got ${b}`);
}

type PlainData =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly PlainData[]
  | { readonly [key: string]: PlainData };

export function expectThat(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Broken(message);
}

/** @returns the refusal, for those who look closer */
export async function expectRefusal(request: Promise<unknown>, code: string, what: string): Promise<Refusal> {
  let reply: unknown;
  try {
    reply = await request;
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    if (thrown.code === code) return thrown;
    throw new Broken(`${what}: expected ${code}, got ${thrown.message}`);
  }
  throw new Broken(`${what}: expected ${code}, but it was carried out${describe(reply)}`);
}

function describe(reply: unknown): string {
  return typeof reply === 'string' || typeof reply === 'number' ? ` (${show(reply)})` : '';
}

/** What a request that should work failed with, as a sentence of the rule. */
export async function expectAccepted<T>(request: Promise<T>, what: string): Promise<T> {
  try {
    return await request;
  } catch (thrown) {
    if (thrown instanceof Refusal)
      throw new Broken(`${what}: expected it to be carried out, got ${thrown.message}`);
    throw thrown;
  }
}
