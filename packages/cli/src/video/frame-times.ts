/** Browsers slow down GIFs with less than 2 hundredths of a second a frame; more than this nobody misses. */
const MAX_FRAMES_PER_SECOND = 30;
/** Of environments that do not say. */
const USUAL_STEPS_PER_SECOND = 30;
/** For the last frame, so that one sees how it ended. */
const HOLD_MS = 1_000;

export interface FrameTimes {
  /** Steps from one frame to the next. */
  readonly stride: number;
  /** Of simulated time; the video's, too. */
  readonly framesPerSecond: number;
  /** From the beginning of the video: when the frame after this step gives way to the next. */
  endMs(step: number, isLast: boolean): number;
}

/** Real time at no more frames than an eye needs. @param renderFps steps of the environment a second */
export function frameTimes(renderFps: number | undefined): FrameTimes {
  const stepsPerSecond = renderFps !== undefined && renderFps > 0 ? renderFps : USUAL_STEPS_PER_SECOND;
  const stride = Math.max(1, Math.ceil(stepsPerSecond / MAX_FRAMES_PER_SECOND));
  const toMs = (step: number) => (step / stepsPerSecond) * 1_000;
  return {
    stride,
    framesPerSecond: stepsPerSecond / stride,
    endMs: (step, isLast) => (isLast ? toMs(step) + HOLD_MS : toMs(step + stride)),
  };
}
