import type { MaybePromise } from '@gymwire/env';
import type { Frame } from '@gymwire/protocol';
import { HelperThread } from '../helpers/helper-thread.ts';
import { isServing } from '../helpers/serving.ts';
import { renderScene } from './render-scene.ts';
import type { Scene } from './scene.ts';

/** A picture to be drawn. Nothing in it changes any more. */
export interface DrawJob {
  readonly scene: Scene;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

const thread = new HelperThread<DrawJob, Frame>(
  new URL('./draw-thread.js', import.meta.url),
  'draws pictures',
);

/** In a thread of its own where clients would wait; the same bytes either way. */
export function drawScene(job: DrawJob): MaybePromise<Frame> {
  return isServing() ? thread.ask(job) : renderScene(job.scene, job.width, job.height);
}
