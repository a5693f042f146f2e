import type { Frame } from '@gymwire/protocol';
import type { Scene } from '../scene/scene.ts';
import { renderScene } from './render-scene.ts';

/** A picture to be drawn. Nothing in it changes any more. */
export interface DrawJob {
  readonly scene: Scene;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Draws in this thread. */
export function drawHere({ scene, width, height }: DrawJob): Frame {
  return renderScene(scene, width, height);
}
