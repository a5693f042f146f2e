/**
 * Warnings that clients can cause as often as they like: a few a minute are written, the others are counted. (What they
 * hold cannot forge a line: records are JSON.)
 */
import type { Logger } from 'pino';

export const complaintsAMinute = 10;
const windowMs = 60_000;

interface Window {
  beganMs: number;
  count: number;
}

const windows = new WeakMap<Logger, Map<string, Window>>();

/**
 * @param kind what is counted together; never text of a client
 * @param now milliseconds of a clock that does not run backwards
 */
export function complain(
  log: Logger,
  kind: string,
  fields: object,
  message: string,
  now: number = performance.now(),
): void {
  const ofLog = windows.get(log) ?? new Map<string, Window>();
  windows.set(log, ofLog);
  let window = ofLog.get(kind);
  if (window === undefined || now - window.beganMs >= windowMs) {
    const leftOut = (window?.count ?? 0) - complaintsAMinute;
    if (leftOut > 0) log.warn({ kind, leftOut }, 'warnings of this kind were left out');
    window = { beganMs: now, count: 0 };
    ofLog.set(kind, window);
  }
  window.count += 1;
  if (window.count <= complaintsAMinute) log.warn(fields, message);
}
