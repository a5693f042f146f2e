import { GifEncoder } from './gif-encoder.ts';
import type { Video } from './video.ts';
import { createVideoFile } from './video-file.ts';

/** @throws AgentError NOT_WRITABLE, DISK_FULL; before anything is played where the folder tells */
export async function createGifVideo(path: string): Promise<Video> {
  const file = await createVideoFile(path);
  const encoder = new GifEncoder();
  let size = 0;
  const append = async (bytes: Uint8Array) => {
    await file.append(bytes);
    size += bytes.length;
  };
  return {
    add: (frame, endMs) => append(encoder.add(frame, endMs)),
    bytes: async () => size,
    async finish() {
      await append(encoder.finish());
      return file.finish();
    },
    discard: file.discard,
  };
}
