/** The rate of environments that do not say. */
const USUAL_STEPS_PER_SECOND = 30;
/** Time of the last frame, so that one sees how it ended. */
export const HOLD_MS = 1_000;

export interface FrameTimes {
  /** Steps from one frame to the next. */
  readonly stride: number;
  /** Frames of a second of simulated time; the video's, too. */
  readonly framesPerSecond: number;
  /** From the beginning of the video: when the frame after this step gives way to the next. */
  endMs(step: number, isLast: boolean): number;
}

/**
 * Real time, whatever the number of frames.
 * @param renderFps steps of the environment a second
 * @param most frames a second, where nobody says how many steps are between two
 * @param every steps between two frames; absent: as few as `most` allows
 */
export function frameTimes(renderFps: number | undefined, most: number, every?: number): FrameTimes {
  const stepsPerSecond = renderFps !== undefined && renderFps > 0 ? renderFps : USUAL_STEPS_PER_SECOND;
  const stride = every ?? Math.max(1, Math.ceil(stepsPerSecond / most));
  const toMs = (step: number) => (step / stepsPerSecond) * 1_000;
  return {
    stride,
    framesPerSecond: stepsPerSecond / stride,
    endMs: (step, isLast) => (isLast ? toMs(step) + HOLD_MS : toMs(step + stride)),
  };
}
