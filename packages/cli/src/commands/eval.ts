import { type EvaluationResult, evaluatePolicy } from '@gymwire/agent-sdk';
import { type EvaluationProgress, firstTestSeed, isCancelled } from '@gymwire/agent-sdk/parts';
import type { Command } from 'commander';
import { linkServer, type ServerLink } from '../connection.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { loadPolicy, noteUnconfirmed, type PlayablePolicy } from '../load-policy.ts';
import { type Output, round } from '../output.ts';
import { integer, type JsonArguments, positiveNumber } from '../parse-arguments.ts';
import { describeEvaluating } from '../progress.ts';
import { addFleetFlags, type FleetFlags } from '../server-flags.ts';
import { UsageError } from '../usage-error.ts';
import type { VideoProgress } from '../video/record-video.ts';
import type { CommandContext } from './command-context.ts';
import { optionFlag } from './train-flags.ts';

interface EvalFlags extends FleetFlags {
  readonly episodes: number;
  readonly seed: number;
  readonly last?: boolean;
  readonly video?: string;
  readonly videoEvery?: number;
  readonly videoSize?: number;
  readonly videoLimit?: number;
  readonly envArg?: JsonArguments;
  readonly maxEpisodeSteps?: number;
}

const usualVideoLimit = 10;

export function defineEval(command: Command, { run }: CommandContext): void {
  addFleetFlags(command, 'play on')
    .option('--episodes <number>', 'episodes', integer(1), 20)
    .option(
      '--seed <number>',
      'episode k starts from seed + k; the default is in no training',
      integer(0),
      firstTestSeed,
    )
    .option('--last', 'of a run: the last policy instead of the best')
    .option('--video <file>', 'also film the first episode: .gif, or .mp4 where ffmpeg is installed')
    .option(
      '--video-every <steps>',
      'steps between two frames; default: 15 (.mp4: 30) frames a second',
      integer(1),
    )
    .option('--video-size <pixels>', 'longer side at most; default: 320 (.mp4: as it is drawn)', integer(1))
    .option(
      '--video-limit <megabytes>',
      `size at which the video ends, if not with the episode; default ${usualVideoLimit}`,
      positiveNumber,
    )
    .addOption(optionFlag('envArguments', 'those of the training'))
    .addOption(optionFlag('maxEpisodeSteps', 'that of the training'))
    .action((path: string, flags: EvalFlags) => run((output) => evalCommand(path, flags, output)));
}

async function evalCommand(path: string, flags: EvalFlags, output: Output): Promise<ExitCode> {
  const film = await filming(flags);
  const policy = await loadPolicy(path, flags.last);
  noteUnconfirmed(policy.trainedOn, policy.envUnconfirmed, output);
  const link = await linkServer(flags, output.note, path).catch(async (error: unknown) => {
    await policy.dispose();
    throw error;
  });
  const { signal, release } = onInterrupt(output.note, 'stopping after this step', output.closed);
  signal.addEventListener('abort', link.stopReconnecting);
  try {
    await film?.(policy, link, signal, output);
    output.say(`${policy.description}, ${flags.episodes} episodes from seed ${flags.seed}`);
    const result = await evaluatePolicy({
      connection: link.connection,
      policy: policy.play,
      trainedOn: policy.trainedOn,
      name: policy.description,
      episodes: flags.episodes,
      seed: flags.seed,
      envArguments: flags.envArg,
      maxEpisodeSteps: flags.maxEpisodeSteps,
      signal,
      onProgress: (progress) => tellEvaluating(progress, output),
    });
    report(result, output);
    return exitCodes.success;
  } catch (error) {
    if (signal.aborted && (error === signal.reason || isCancelled(error))) return exitCodes.interrupted;
    throw error;
  } finally {
    release();
    await link.close();
    await policy.dispose();
  }
}

type FilmPolicy = (
  policy: PlayablePolicy,
  link: ServerLink,
  signal: AbortSignal,
  output: Output,
) => Promise<void>;

/** Finds out first whether the video can be written. @returns undefined where none is asked for @throws UsageError */
async function filming(flags: EvalFlags): Promise<FilmPolicy | undefined> {
  const { video: path, videoLimit = usualVideoLimit } = flags;
  if (path === undefined) {
    const { videoEvery, videoSize } = flags;
    const given = [videoEvery, videoSize, flags.videoLimit].some((flag) => flag !== undefined);
    if (given) throw new UsageError('eval: --video-every, --video-size and --video-limit belong to --video');
    return undefined;
  }
  const [{ videoFormat }, { recordVideo }] = await Promise.all([
    import('../video/video-format.ts'),
    import('../video/record-video.ts'),
  ]);
  const format = await videoFormat(path);
  return async (policy, link, signal, output) => {
    output.say(`filming the first episode, seed ${flags.seed}`);
    const onProgress = (far: VideoProgress) => {
      output.say(`filming: step ${far.length}, ${far.frames} frames, ${round(far.bytes / 1e6, 2)} MB`);
      output.event('filming', { ...far });
    };
    const request = { ...flags, path, videoLimit, signal, onProgress };
    const video = await recordVideo(policy, link, format, request);
    const { bytes, frames, framesPerSecond, width, height } = video;
    output.say(
      `${path}: ${round(bytes / 1e6, 2)} MB, ${frames} frames of ${width} × ${height}, ` +
        `${round(framesPerSecond)} a second; ${video.length} steps, return ${round(video.return, 2)}`,
    );
    if (!video.isWhole) {
      output.note(
        `${path} ends after ${video.length} steps, at --video-limit (${videoLimit} MB); the episode goes on`,
      );
    }
    output.event('video', { ...video });
  };
}

function tellEvaluating(progress: EvaluationProgress, output: Output): void {
  output.say(describeEvaluating(progress));
  output.event('evaluating', { ...progress });
}

function report(result: EvaluationResult, output: Output): void {
  const { meanReturn, stdReturn, meanLength, lengths, returns, episodes } = result;
  output.say(`return ${round(meanReturn, 2)} ± ${round(stdReturn, 2)} over ${episodes} episodes`);
  output.say(`length ${round(meanLength)} (${Math.min(...lengths)} to ${Math.max(...lengths)})`);
  output.event('evaluation', { episodes, meanReturn, stdReturn, meanLength, returns, lengths });
}
