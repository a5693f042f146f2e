/** Tells the time of day, in UTC: 2026-11-29T12:00:00.000Z. */
export type WallClock = () => string;

/** The machine's; of a run, events.jsonl alone asks it. */
export const wallClock: WallClock = () =>
  // oxlint-disable-next-line no-restricted-properties -- what happened is told with its time; nothing of the run depends on it
  new Date(Date.now()).toISOString();
