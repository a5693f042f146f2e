/**
 * What an operator should know though no request fails of it, from whatever thread of the process to the logs of its
 * servers. Nobody hears it where no server runs.
 */

export interface Notice {
  readonly message: string;
  /** For programs that read logs. */
  readonly fields: Readonly<Record<string, string | number>>;
}

const channelName = 'gymwire notices';
/** More different ones are not told: a log is no place to count in. */
const maxNotices = 1000;

export function tellOperator(notice: Notice): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(notice);
  channel.close();
}

/**
 * Each message once, from however many threads it comes. Does not keep the process.
 * @returns ends it
 */
export function hearNotices(listener: (notice: Notice) => void): () => void {
  const channel = new BroadcastChannel(channelName);
  const heard = new Set<string>();
  channel.onmessage = (event: unknown) => {
    const notice = (event as { readonly data: Notice }).data;
    if (heard.has(notice.message) || heard.size === maxNotices) return;
    heard.add(notice.message);
    listener(notice);
  };
  channel.unref();
  return () => channel.close();
}
