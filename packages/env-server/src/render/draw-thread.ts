import { parentPort } from 'node:worker_threads';
import { answerAsHelper } from '../helpers/helper-thread.ts';
import { AssetShelf } from './asset-shelf.ts';
import type { DrawJob } from './draw-scene.ts';
import { renderScene } from './render-scene.ts';

/* Entry of the thread that draws for a server. */

if (parentPort !== null) {
  const shelf = new AssetShelf(64 * 2 ** 20);
  answerAsHelper(parentPort, ({ scene, width, height }: DrawJob) => {
    const result = renderScene(shelf.fit(scene), width, height);
    return { result, transfer: [result.data.buffer as ArrayBuffer] };
  });
}
