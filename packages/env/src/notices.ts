/**
 * What an operator should know though no request fails of it, from whatever thread of the process to the logs of its
 * servers. Nobody hears it where no server runs.
 */
import { cutText } from './cut-text.ts';

export interface Notice {
  /** Who gives reason for it: an environment's id, or a model's name. */
  readonly source: string;
  readonly kind: 'bounds' | 'info' | 'detach' | 'mujoco' | 'rejection';
  /** What it is about, without the values that it was found with: the same of the same source is not told again soon. */
  readonly where: string;
  readonly message: string;
  /** What happened, for programs that read logs. */
  readonly fields: Readonly<Record<string, string | number>>;
}

export type HeardNotice = Pick<Notice, 'message' | 'fields'>;

const channelName = 'gymwire notices';
const maxMessageLength = 2000;
const maxWhereLength = 200;

export function tellOperator(notice: Notice): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage({
    ...notice,
    where: notice.where.slice(0, maxWhereLength),
    message: cutText(notice.message, maxMessageLength),
  } satisfies Notice);
  channel.close();
}

/** The same is told once in this time. */
const repeatMs = 3_600_000;
/** Notices of one source and kind that are told in a minute; the others are counted. */
export const noticesAMinute = 10;
const windowMs = 60_000;
/** Topics of which it is known when they were told: the oldest are forgotten first. */
const maxTopics = 1000;

interface Window {
  beganMs: number;
  told: number;
  leftOut: number;
}

/**
 * From however many threads the same thing comes, it is told once an hour; and no source has more than its share of the log.
 * Does not keep the process.
 * @returns ends it
 */
export function hearNotices(listener: (notice: HeardNotice) => void): () => void {
  const channel = new BroadcastChannel(channelName);
  const hearing = new Hearing();
  channel.onmessage = (event: unknown) => {
    const notice = hearing.take((event as { readonly data: Notice }).data, performance.now());
    if (notice !== undefined) listener(notice);
  };
  channel.unref();
  return () => channel.close();
}

/** What is told of all that is heard. */
export class Hearing {
  readonly #told = new Map<string, number>();
  readonly #windows = new Map<string, Window>();

  /** @param ms of a clock that does not run backwards. @returns what is to be told now, if anything */
  take({ source, kind, where, message, fields }: Notice, ms: number): HeardNotice | undefined {
    const topic = JSON.stringify([source, kind, where]);
    if (ms - (this.#told.get(topic) ?? Number.NEGATIVE_INFINITY) < repeatMs) return undefined;
    const window = windowAt(this.#windows, `${kind} ${source}`, ms);
    if (window.told === noticesAMinute) {
      window.leftOut += 1;
      return undefined;
    }
    const { leftOut } = window;
    window.told += 1;
    window.leftOut = 0;
    keepNewest(this.#told, topic, ms);
    return { message, fields: leftOut === 0 ? fields : { ...fields, leftOut } };
  }
}

/** What the last minute left out is told with the first notice of this one. */
function windowAt(windows: Map<string, Window>, key: string, ms: number): Window {
  const before = windows.get(key);
  if (before !== undefined && ms - before.beganMs < windowMs) return before;
  const window = { beganMs: ms, told: 0, leftOut: before?.leftOut ?? 0 };
  keepNewest(windows, key, window);
  return window;
}

function keepNewest<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > maxTopics && oldest !== undefined) map.delete(oldest);
}
