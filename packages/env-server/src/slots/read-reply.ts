/**
 * What a simulator returned → a reply of the server's own. Each part is read once and held to its type; a reply that
 * cannot travel is the simulator's fault, and must be found before it counts as given.
 */
import {
  arrayKind,
  type Frame,
  GymwireError,
  type ResetResult,
  type Space,
  type StepResult,
  type Value,
} from '@gymwire/protocol';
import type { BoundsWatch } from './bounds-watch.ts';
import { describeType } from './describe-type.ts';
import type { ReplyBudget } from './reply-budget.ts';
import { findMismatch, isFloatRow } from './space-member.ts';
import type { TakeInfo } from './take-info.ts';
import { simulatorFault } from './user-code.ts';

/** What replies are held to. */
export interface ReplyRules {
  readonly space: Space;
  readonly takeInfo: TakeInfo;
  readonly watch: BoundsWatch;
  readonly budget: ReplyBudget;
}

/**
 * The info is a copy; the observation is the simulator's own.
 * @param what names the call in errors
 * @throws GymwireError ENV_FAILED, NON_FINITE_OBSERVATION
 */
export function readReset(reply: unknown, rules: ReplyRules, what: string): ResetResult {
  try {
    if (typeof reply !== 'object' || reply === null) throw noReply(what, reply);
    const { observation, info } = reply as Partial<ResetResult>;
    return { info: rules.takeInfo(info, what), observation: checkedObservation(observation, rules, what) };
  } catch (thrown) {
    // Reading is a call into its code as well, where it returned a proxy.
    throw simulatorFault(what, thrown);
  }
}

/** A slot's own, written again by every step. */
export type OwnStep = { -readonly [Part in keyof StepResult]: StepResult[Part] };

/** Reads what `step` returned, as `readReset` does. */
export function readStep(reply: unknown, rules: ReplyRules, what: string, into: OwnStep): void {
  try {
    if (typeof reply !== 'object' || reply === null) throw noReply(what, reply);
    const { observation, reward, terminated, truncated, info } = reply as Partial<StepResult>;
    into.info = rules.takeInfo(info, what);
    into.observation = checkedObservation(observation, rules, what);
    into.reward = checkedReward(reward, what);
    into.terminated = checkedFlag(terminated, 'terminated', what);
    into.truncated = checkedFlag(truncated, 'truncated', what);
  } catch (thrown) {
    throw simulatorFault(what, thrown);
  }
}

/** @throws GymwireError ENV_FAILED; CAPACITY for one of more bytes than a message has room for */
export function readFrame(reply: unknown, what: string, maxBytes: number): Frame {
  try {
    return checkedFrame(reply, what, maxBytes);
  } catch (thrown) {
    throw simulatorFault(what, thrown);
  }
}

function checkedFrame(reply: unknown, what: string, maxBytes: number): Frame {
  if (typeof reply !== 'object' || reply === null) throw noFrame(what, `got ${describeType(reply)}`);
  const { width, height, data } = reply as Partial<Frame>;
  if (!isSize(width) || !isSize(height))
    throw noFrame(what, `got a size of ${String(width)} by ${String(height)}`);
  const kind = arrayKind(data);
  if (data === undefined || (kind !== 'Uint8Array' && kind !== 'Uint8ClampedArray')) {
    throw noFrame(what, `got data that is ${kind === undefined ? describeType(data) : `a ${kind}`}`);
  }
  if (data.length !== width * height * 3) {
    throw noFrame(what, `${width} by ${height} takes ${width * height * 3} bytes, got ${data.length}`);
  }
  if (data.length > maxBytes) {
    const why = `${width} by ${height} takes ${data.length} bytes, and a reply of this server has room for ${maxBytes}`;
    throw new GymwireError('CAPACITY', `${what}: the simulator returned too large a picture: ${why}`);
  }
  return { width, height, data };
}

function isSize(size: unknown): size is number {
  return Number.isInteger(size) && (size as number) > 0 && (size as number) < 2 ** 32;
}

function noFrame(what: string, got: string): GymwireError {
  const expected = 'width, height and data, a Uint8Array of 3 bytes a pixel';
  return new GymwireError('ENV_FAILED', `${what}: the simulator must return ${expected}; ${got}`);
}

function noReply(what: string, reply: unknown): GymwireError {
  const expected = 'an observation and an info dictionary';
  return new GymwireError(
    'ENV_FAILED',
    `${what}: the simulator must return ${expected}, got ${describeType(reply)}`,
  );
}

function checkedObservation(
  observation: Value | undefined,
  { space, watch }: ReplyRules,
  what: string,
): Value {
  if (space.type === 'box' && !watch.isCounting && isFloatRow(space, observation as Value, watch.isOn)) {
    return observation as Value;
  }
  const wrong = watch.isOn
    ? watch.look(observation as Value)
    : findMismatch(space, observation as Value, 'observation', false);
  if (wrong === undefined) return observation as Value;
  const code = wrong.kind === 'non-finite' ? 'NON_FINITE_OBSERVATION' : 'ENV_FAILED';
  const { message, remedy = '', details } = wrong;
  throw new GymwireError(code, `${what}: the simulator returned a bad observation: ${message}${remedy}`, {
    details,
  });
}

/** A Float64Array would make 1 of true and of '1', and NaN of nothing. */
function checkedReward(reward: unknown, what: string): number {
  if (typeof reward !== 'number') {
    const message = `${what}: the simulator must return a number as the reward, got ${describeType(reward)}`;
    throw new GymwireError('ENV_FAILED', message);
  }
  if (Number.isFinite(reward)) return reward;
  throw new GymwireError('NON_FINITE_OBSERVATION', `${what}: the simulator returned the reward ${reward}`);
}

/** Any text is true, also 'no'. */
function checkedFlag(flag: unknown, name: string, what: string): boolean {
  if (typeof flag === 'boolean') return flag;
  const message = `${what}: the simulator must return a boolean as ${name}, got ${describeType(flag)}`;
  throw new GymwireError('ENV_FAILED', message);
}
