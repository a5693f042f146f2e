import { parentPort } from 'node:worker_threads';
import { AssetShelf } from '../render/asset-shelf.ts';
import { type DrawJob, drawHere } from '../render/draw-job.ts';
import { answerAsHelper } from './helper-thread.ts';

/* Entry of the thread that draws for a server. */

if (parentPort !== null) {
  const shelf = new AssetShelf(64 * 2 ** 20);
  answerAsHelper(parentPort, ({ scene, width, height }: DrawJob) => {
    const result = drawHere({ scene: shelf.fit(scene), width, height });
    return { result, transfer: [result.data.buffer as ArrayBuffer] };
  });
}
