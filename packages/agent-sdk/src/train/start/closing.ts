/** What has to be closed when the run is over, in the order in which it was opened. */
export type Closing = (() => Promise<void>)[];
