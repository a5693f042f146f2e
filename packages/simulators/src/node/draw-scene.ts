import type { MaybePromise } from '@gymwire/env';
import { isServing } from '@gymwire/env/host';
import type { Frame } from '@gymwire/protocol';
import { type DrawJob, drawHere } from '../render/draw-job.ts';
import { HelperThread } from './helper-thread.ts';

const thread = new HelperThread<DrawJob, Frame>(
  new URL('./draw-thread.js', import.meta.url),
  'draws pictures',
);

/** Draws a scene, in a thread of its own where clients would wait; the same bytes either way. */
export function drawScene(job: DrawJob): MaybePromise<Frame> {
  return isServing() ? thread.ask(job) : drawHere(job);
}
