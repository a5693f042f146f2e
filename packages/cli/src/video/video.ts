import type { Frame } from '@gymwire/protocol';

/** A video under way. It takes its name when it is whole. */
export interface Video {
  /** @param endMs from the beginning of the video: when this frame gives way to the next */
  add(frame: Frame, endMs: number): Promise<void>;
  /** So far, as far as it is known: what is being compressed is not counted. */
  bytes(): Promise<number>;
  /** Puts the file in its place. @returns its size in bytes */
  finish(): Promise<number>;
  /** Removes what there is; nothing after `finish`. */
  discard(): Promise<void>;
}
