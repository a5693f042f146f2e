/** What kind of file a video's name asks for, and whether this machine can write it: before anything is filmed. */
import { extname } from 'node:path';
import { UsageError } from '../usage-error.ts';
import { createGifVideo } from './gif-video.ts';
import { createMp4Video, findH264Encoder } from './mp4-video.ts';
import type { Video } from './video.ts';

export interface VideoFormat {
  /** Where nobody asks for another number. */
  readonly mostFramesPerSecond: number;
  /** Pixels of the longer side, where nobody asks for others; absent: as it is drawn. */
  readonly longestSide?: number;
  /** @throws AgentError NOT_WRITABLE, DISK_FULL */
  readonly create: (path: string, framesPerSecond: number) => Promise<Video>;
}

/** A GIF's frame that moves takes about a bit a pixel: fewer and smaller ones by default. */
const gif: VideoFormat = { mostFramesPerSecond: 15, longestSide: 320, create: createGifVideo };

/** @throws UsageError for another name than these, or one that needs what is not there */
export async function videoFormat(path: string): Promise<VideoFormat> {
  const extension = extname(path).toLowerCase();
  if (extension === '.gif') return gif;
  if (extension !== '.mp4') {
    throw new UsageError(`--video: expected a name that ends in .gif or .mp4, got ${path}`);
  }
  const encoder = await findH264Encoder();
  return {
    mostFramesPerSecond: 30,
    create: (file, framesPerSecond) => createMp4Video(file, framesPerSecond, encoder),
  };
}
