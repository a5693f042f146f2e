import { type RemoteVectorEnv } from '@gymwire/agent-sdk';
import { checkObservationLayout, createFlattener, makeTrainedEnv } from '@gymwire/agent-sdk/parts';
import type { Frame } from '@gymwire/protocol';
import type { ServerLink } from '../connection.ts';
import type { PlayablePolicy } from '../load-policy.ts';
import type { JsonArguments } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';
import { type FrameTimes, frameTimes } from './frame-times.ts';
import { shrinkFrame } from './shrink-frame.ts';
import type { Video } from './video.ts';
import type { VideoFormat } from './video-format.ts';

const RENDER_MODE = 'rgb_array';
/** Frames between two words of progress: a few seconds of a simulator that draws slowly. */
const PROGRESS_FRAMES = 50;

export interface VideoRequest {
  readonly path: string;
  readonly seed: number;
  readonly envArg?: JsonArguments;
  readonly maxEpisodeSteps?: number;
  /** Steps between two frames; absent: what the format is best at. */
  readonly videoEvery?: number;
  /** Pixels of the longer side at most; absent: what the format is best at. */
  readonly videoSize?: number;
  /** Megabytes at which the video ends, though the episode does not. */
  readonly videoLimit: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: VideoProgress) => void;
}

export interface VideoProgress {
  /** Steps of the episode so far. */
  readonly length: number;
  readonly frames: number;
  readonly bytes: number;
}

/** What was filmed. */
export interface VideoSummary extends VideoProgress {
  readonly path: string;
  readonly framesPerSecond: number;
  readonly width: number;
  readonly height: number;
  /** Rewards of the episode, or of what of it is in the video. */
  readonly return: number;
  /** False: the file's limit came first. */
  readonly isWhole: boolean;
}

/**
 * Plays one episode on an environment of its own and films it. Rejects with the signal's reason when that comes.
 * @throws UsageError for an environment that does not draw
 * @throws AgentError NOT_WRITABLE, DISK_FULL
 */
export async function recordVideo(
  policy: PlayablePolicy,
  { connection }: ServerLink,
  format: VideoFormat,
  request: VideoRequest,
): Promise<VideoSummary> {
  const { path, envArg, maxEpisodeSteps } = request;
  const { trainedOn, description } = policy;
  const times = await readTimes(connection, trainedOn.envId, format, request);
  const video = await format.create(path, times.framesPerSecond);
  try {
    const changes = { envArguments: envArg, maxEpisodeSteps };
    const env = await makeTrainedEnv(connection, trainedOn, changes, {
      numEnvs: 1,
      renderMode: RENDER_MODE,
    });
    try {
      checkObservationLayout(trainedOn, description, env);
      const longest = request.videoSize ?? format.longestSide ?? Number.POSITIVE_INFINITY;
      const film = new Film(video, times, longest, request);
      const played = await filmEpisode(env, policy, film, request);
      const { framesPerSecond } = times;
      return {
        path,
        ...film.progress(played.length),
        ...played,
        ...film.size,
        framesPerSecond,
        bytes: await video.finish(),
      };
    } finally {
      await env.close();
    }
  } finally {
    await video.discard();
  }
}

/** Counts frames, shrinks them, and knows when there are enough. */
class Film {
  readonly #video: Video;
  readonly #times: FrameTimes;
  readonly #longestSide: number;
  readonly #request: VideoRequest;
  #frames = 0;
  #bytes = 0;
  size: Pick<Frame, 'width' | 'height'> = { width: 0, height: 0 };

  constructor(video: Video, times: FrameTimes, longestSide: number, request: VideoRequest) {
    this.#video = video;
    this.#times = times;
    this.#longestSide = longestSide;
    this.#request = request;
  }

  wants(step: number): boolean {
    return step % this.#times.stride === 0;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#request.videoLimit * 1e6;
  }

  progress(length: number): VideoProgress {
    return { length, frames: this.#frames, bytes: this.#bytes };
  }

  async add(drawn: Frame, step: number, isLast: boolean): Promise<void> {
    const frame = shrinkFrame(drawn, this.#longestSide);
    await this.#video.add(frame, this.#times.endMs(step, isLast));
    const { width, height } = frame;
    this.size = { width, height };
    this.#frames += 1;
    this.#bytes = await this.#video.bytes();
    if (this.#frames % PROGRESS_FRAMES === 0 && !isLast) this.#request.onProgress(this.progress(step));
  }
}

async function filmEpisode(
  env: RemoteVectorEnv,
  { play }: PlayablePolicy,
  film: Film,
  { seed, signal }: VideoRequest,
): Promise<Pick<VideoSummary, 'return' | 'length' | 'isWhole'>> {
  const flattener = createFlattener(env.observationSpace, 'observation');
  const row = new Float32Array(flattener.size);
  let { observation } = await env.reset({ seed });
  await play.reset([0]);
  let episodeReturn = 0;
  for (let length = 0, isWhole = false; ; ) {
    signal.throwIfAborted();
    const isLast = isWhole || film.isFull;
    if (isLast || film.wants(length)) await film.add(await env.render(), length, isLast);
    if (isLast) return { return: episodeReturn, length, isWhole };
    flattener.write(observation, 1, row);
    const step = await env.step(await play.act(row, 1));
    observation = step.observation;
    episodeReturn += step.rewards[0];
    length += 1;
    isWhole = step.terminated[0] || step.truncated[0];
  }
}

async function readTimes(
  connection: ServerLink['connection'],
  envId: string,
  { mostFramesPerSecond }: VideoFormat,
  { videoEvery }: VideoRequest,
): Promise<FrameTimes> {
  const spec = (await connection.listEnvs()).find(({ id }) => id === envId);
  // Making an environment that is not there says so better.
  if (spec !== undefined && !spec.renderModes.includes(RENDER_MODE)) {
    throw new UsageError(`--video: ${envId} does not draw itself (it has no render mode ${RENDER_MODE})`);
  }
  return frameTimes(spec?.renderFps, mostFramesPerSecond, videoEvery);
}
