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
import { describeType } from './describe-type.ts';
import { findMismatch } from './space-member.ts';
import type { TakeInfo } from './take-info.ts';
import { simulatorFault } from './user-code.ts';

/** What replies are held to. */
export interface ReplyRules {
  readonly space: Space;
  readonly takeInfo: TakeInfo;
}

/**
 * The info is a copy; the observation is the simulator's own.
 * @throws GymwireError ENV_FAILED, NON_FINITE_OBSERVATION
 */
export function readReset(reply: unknown, { space, takeInfo }: ReplyRules): ResetResult {
  try {
    if (typeof reply !== 'object' || reply === null) throw noReply('reset', reply);
    const { observation, info } = reply as Partial<ResetResult>;
    return { info: takeInfo(info, 'reset'), observation: checkedObservation(observation, space, 'reset') };
  } catch (thrown) {
    // Reading is a call into its code as well, where it returned a proxy.
    throw simulatorFault('reset', thrown);
  }
}

/** A slot's own, written again by every step. */
export type OwnStep = { -readonly [Part in keyof StepResult]: StepResult[Part] };

/** As `readReset`. */
export function readStep(reply: unknown, { space, takeInfo }: ReplyRules, into: OwnStep): void {
  try {
    if (typeof reply !== 'object' || reply === null) throw noReply('step', reply);
    const { observation, reward, terminated, truncated, info } = reply as Partial<StepResult>;
    into.info = takeInfo(info, 'step');
    into.observation = checkedObservation(observation, space, 'step');
    into.reward = checkedReward(reward);
    into.terminated = checkedFlag(terminated, 'terminated');
    into.truncated = checkedFlag(truncated, 'truncated');
  } catch (thrown) {
    throw simulatorFault('step', thrown);
  }
}

/** @throws GymwireError ENV_FAILED */
export function readFrame(reply: unknown): Frame {
  try {
    return checkedFrame(reply);
  } catch (thrown) {
    throw simulatorFault('render', thrown);
  }
}

function checkedFrame(reply: unknown): Frame {
  if (typeof reply !== 'object' || reply === null) throw noFrame(`got ${describeType(reply)}`);
  const { width, height, data } = reply as Partial<Frame>;
  if (!isSize(width) || !isSize(height)) throw noFrame(`got a size of ${String(width)} by ${String(height)}`);
  const kind = arrayKind(data);
  if (data === undefined || (kind !== 'Uint8Array' && kind !== 'Uint8ClampedArray')) {
    throw noFrame(`got data that is ${kind === undefined ? describeType(data) : `a ${kind}`}`);
  }
  if (data.length !== width * height * 3) {
    throw noFrame(`${width} by ${height} takes ${width * height * 3} bytes, got ${data.length}`);
  }
  return { width, height, data };
}

function isSize(size: unknown): size is number {
  return Number.isInteger(size) && (size as number) > 0 && (size as number) < 2 ** 32;
}

function noFrame(got: string): GymwireError {
  const expected = 'width, height and data, a Uint8Array of 3 bytes a pixel';
  return new GymwireError('ENV_FAILED', `render: the simulator must return ${expected}; ${got}`);
}

function noReply(what: string, reply: unknown): GymwireError {
  const expected = 'an observation and an info dictionary';
  return new GymwireError(
    'ENV_FAILED',
    `${what}: the simulator must return ${expected}, got ${describeType(reply)}`,
  );
}

function checkedObservation(observation: Value | undefined, space: Space, what: string): Value {
  const wrong = findMismatch(space, observation as Value, 'observation', false);
  if (wrong === undefined) return observation as Value;
  const code = wrong.kind === 'non-finite' ? 'NON_FINITE_OBSERVATION' : 'ENV_FAILED';
  throw new GymwireError(code, `${what}: the simulator returned a bad observation: ${wrong.message}`, {
    details: wrong.details,
  });
}

/** A Float64Array would make 1 of true and of '1', and NaN of nothing. */
function checkedReward(reward: unknown): number {
  if (typeof reward !== 'number') {
    const message = `step: the simulator must return a number as the reward, got ${describeType(reward)}`;
    throw new GymwireError('ENV_FAILED', message);
  }
  if (Number.isFinite(reward)) return reward;
  throw new GymwireError('NON_FINITE_OBSERVATION', `step: the simulator returned the reward ${reward}`);
}

/** Any text is true, also 'no'. */
function checkedFlag(flag: unknown, name: string): boolean {
  if (typeof flag === 'boolean') return flag;
  const message = `step: the simulator must return a boolean as ${name}, got ${describeType(flag)}`;
  throw new GymwireError('ENV_FAILED', message);
}
