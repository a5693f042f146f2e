/** What the arm and its driver say to each other: JSON datagrams, each complete in itself, since any may be lost. */
import type { CommandKind } from '@gymwire/robot';

/** From the driver. */
export type ArmRequest =
  | {
      readonly type: 'command';
      /** Rises; the arm ignores what was overtaken on the way. */
      readonly sequence: number;
      /** From -1 to 1. */
      readonly torque: number;
      /** What is commanded, for the arm's log only. */
      readonly kind: CommandKind;
    }
  /** Brakes until a `release` comes. */
  | { readonly type: 'stop'; readonly sequence: number }
  | { readonly type: 'release'; readonly sequence: number };

/** From the arm, to whoever sent it a request last. */
export interface ArmState {
  readonly type: 'state';
  /** Physics steps since the arm was switched on. */
  readonly tick: number;
  /** rad, 0 is upright. */
  readonly angle: number;
  /** rad/s */
  readonly speed: number;
  /** The red button: only a hand can turn it back. */
  readonly isPressed: boolean;
  /** A `stop` came, and no `release` since. */
  readonly isBraked: boolean;
}

const kinds: readonly unknown[] = ['action', 'hold', 'zero', 'safe', 'reset'] satisfies CommandKind[];

/** @returns undefined for what is no request: a robot must not fall over a stray datagram */
export function parseRequest(datagram: Uint8Array): ArmRequest | undefined {
  const { type, sequence, torque, kind } = parseObject(datagram);
  if (!Number.isSafeInteger(sequence)) return undefined;
  const numbered = { sequence: Number(sequence) };
  if (type === 'stop' || type === 'release') return { type, ...numbered };
  if (type !== 'command' || typeof torque !== 'number' || !kinds.includes(kind)) return undefined;
  return { type, ...numbered, torque: Math.min(Math.max(torque, -1), 1), kind: kind as CommandKind };
}

export function parseState(datagram: Uint8Array): ArmState | undefined {
  const { type, tick, angle, speed, isPressed, isBraked } = parseObject(datagram);
  if (type !== 'state' || ![tick, angle, speed].every(Number.isFinite)) return undefined;
  return {
    type,
    tick: Number(tick),
    angle: Number(angle),
    speed: Number(speed),
    isPressed: isPressed === true,
    isBraked: isBraked === true,
  };
}

function parseObject(datagram: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(datagram).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
