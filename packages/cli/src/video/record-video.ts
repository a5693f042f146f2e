import { extname } from 'node:path';
import {
  createFlattener,
  type EvaluationPolicy,
  type VectorEnvClient,
  wireArguments,
} from '@gymwire/agent-sdk';
import type { ServerLink } from '../connection.ts';
import { type PlayablePolicy, refuseOtherLayout } from '../load-policy.ts';
import type { JsonArguments } from '../parse-arguments.ts';
import { UsageError } from '../report-error.ts';
import { frameTimes } from './frame-times.ts';
import { GifEncoder } from './gif-encoder.ts';
import { createVideoFile } from './video-file.ts';

const RENDER_MODE = 'rgb_array';

export interface VideoRequest {
  readonly path: string;
  readonly seed: number;
  readonly envArg?: JsonArguments;
  readonly maxEpisodeSteps?: number;
}

/** What was filmed. */
export interface VideoSummary {
  readonly path: string;
  readonly bytes: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly width: number;
  readonly height: number;
  readonly return: number;
  readonly length: number;
}

/**
 * Plays one episode on an environment of its own and films it.
 * @throws UsageError for a name that does not end in .gif, or an environment that does not draw
 * @throws AgentError NOT_WRITABLE, DISK_FULL
 */
export async function recordVideo(
  policy: PlayablePolicy,
  { connection }: ServerLink,
  { path, seed, envArg, ...limit }: VideoRequest,
): Promise<VideoSummary> {
  checkName(path);
  const { envId } = policy;
  const maxEpisodeSteps = limit.maxEpisodeSteps ?? policy.maxEpisodeSteps;
  await checkRenderMode(connection, envId);
  const file = await createVideoFile(path);
  try {
    const env = await connection.makeVector(envId, {
      numEnvs: 1,
      autoresetMode: 'disabled',
      arguments: wireArguments({ ...policy.envArguments, ...envArg }),
      renderMode: RENDER_MODE,
      ...(maxEpisodeSteps === null ? {} : { maxEpisodeSteps }),
    });
    try {
      refuseOtherLayout(policy.observationLayout, policy.description, envId, env.observationSpace);
      const filmed = await filmEpisode(env, policy.act, seed, file.append);
      return { path, bytes: await file.finish(), ...filmed };
    } finally {
      await env.close();
    }
  } finally {
    await file.discard();
  }
}

async function filmEpisode(
  env: VectorEnvClient,
  act: EvaluationPolicy,
  seed: number,
  append: (bytes: Uint8Array) => Promise<void>,
): Promise<Omit<VideoSummary, 'path' | 'bytes'>> {
  const times = frameTimes(env.spec.renderFps);
  const encoder = new GifEncoder();
  const flattener = createFlattener(env.observationSpace, 'observation');
  const row = new Float32Array(flattener.size);
  let { observation } = await env.reset({ seed });
  let [episodeReturn, frames, width, height] = [0, 0, 0, 0];
  for (let length = 0, isOver = false; ; ) {
    if (isOver || length % times.stride === 0) {
      const frame = await env.render();
      await append(encoder.add(frame, times.endMs(length, isOver)));
      ({ width, height } = frame);
      frames += 1;
    }
    if (isOver) {
      await append(encoder.finish());
      return { frames, framesPerSecond: times.framesPerSecond, width, height, return: episodeReturn, length };
    }
    flattener.write(observation, 1, row);
    const step = await env.step(await act(row, 1));
    observation = step.observation;
    episodeReturn += step.rewards[0];
    length += 1;
    isOver = step.terminated[0] || step.truncated[0];
  }
}

function checkName(path: string): void {
  if (extname(path).toLowerCase() === '.gif') return;
  throw new UsageError(`--video: expected a name that ends in .gif, got ${path}`);
}

async function checkRenderMode(connection: ServerLink['connection'], envId: string): Promise<void> {
  const spec = (await connection.listEnvs()).find(({ id }) => id === envId);
  // Making an environment that is not there says so better.
  if (spec === undefined || spec.renderModes.includes(RENDER_MODE)) return;
  throw new UsageError(`--video: ${envId} does not draw itself (it has no render mode ${RENDER_MODE})`);
}
