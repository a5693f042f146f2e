import {
  type EvaluateOptions,
  type EvaluationProgress,
  type EvaluationResult,
  evaluate,
  firstTestSeed,
} from '@gymwire/agent-sdk';
import type { Command } from 'commander';
import { linkedEnvs, linkServer, type ServerLink } from '../connection.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadPolicy, noteUnconfirmed, type PlayablePolicy, refuseOtherLayout } from '../load-policy.ts';
import { type Output, round } from '../output.ts';
import { envArgOption, episodeLimitOption, integer, type JsonArguments } from '../parse-arguments.ts';
import { describeEvaluating } from '../progress.ts';
import { addServerFlags, type ServerFlags } from '../server-flags.ts';
import { recordVideo, type VideoRequest } from '../video/record-video.ts';
import type { CommandContext } from './command-context.ts';

interface EvalFlags extends ServerFlags {
  readonly episodes: number;
  readonly seed: number;
  readonly last?: boolean;
  readonly video?: string;
  readonly envArg?: JsonArguments;
  readonly maxEpisodeSteps?: number;
}

export function addEval(program: Command, { run }: CommandContext): void {
  const command = program
    .command('eval <policy>')
    .description('play a run’s best policy, or an .onnx file, without noise');
  addServerFlags(command, 'play on')
    .option('--episodes <number>', 'episodes', integer(1), 20)
    .option(
      '--seed <number>',
      'episode k starts from seed + k; the default is in no training',
      integer(0),
      firstTestSeed,
    )
    .option('--last', 'of a run: the last policy instead of the best')
    .option('--video <file.gif>', 'also film the first episode')
    .addOption(envArgOption())
    .addOption(episodeLimitOption())
    .action((path: string, flags: EvalFlags) =>
      run(async (output) => {
        const policy = await loadPolicy(path, flags.last);
        noteUnconfirmed(policy, output);
        const link = await linkServer(flags, output.note);
        try {
          if (flags.video !== undefined) await film(policy, link, { ...flags, path: flags.video }, output);
          output.say(`${policy.description}, ${flags.episodes} episodes from seed ${flags.seed}`);
          const result = await evaluatePolicy(policy, link, flags, (progress) =>
            tellEvaluating(progress, output),
          );
          report(result, output);
          return exitCodes.success;
        } finally {
          await link.close();
          await policy.dispose();
        }
      }),
    );
}

async function film(
  policy: PlayablePolicy,
  link: ServerLink,
  request: VideoRequest,
  output: Output,
): Promise<void> {
  output.say(`filming the first episode, seed ${request.seed}`);
  const video = await recordVideo(policy, link, request);
  const { path, bytes, frames, framesPerSecond, width, height } = video;
  output.say(
    `${path}: ${round(bytes / 1e6, 2)} MB, ${frames} frames of ${width} × ${height}, ` +
      `${round(framesPerSecond)} a second; ${video.length} steps, return ${round(video.return, 2)}`,
  );
  output.event('video', { ...video });
}

export type EvaluationFlags = Pick<EvalFlags, 'episodes' | 'seed' | 'envArg' | 'maxEpisodeSteps'>;

function tellEvaluating(progress: EvaluationProgress, output: Output): void {
  output.say(describeEvaluating(progress));
  output.event('evaluating', { ...progress });
}

/** Plays episodes on environments of their own. Rejects when the signal comes. */
export async function evaluatePolicy(
  policy: PlayablePolicy,
  link: ServerLink,
  { episodes, seed, envArg, maxEpisodeSteps }: EvaluationFlags,
  onProgress: EvaluateOptions['onProgress'],
  signal?: AbortSignal,
): Promise<EvaluationResult> {
  const env = await linkedEnvs(link)({
    purpose: 'evaluation',
    envId: policy.envId,
    envArguments: { ...policy.envArguments, ...envArg },
    maxEpisodeSteps: maxEpisodeSteps ?? policy.maxEpisodeSteps,
    numEnvs: Math.min(episodes, 16),
    autoresetMode: 'same-step',
  });
  try {
    refuseOtherLayout(policy.observationLayout, policy.description, policy.envId, env.observationSpace);
    return await evaluate({
      env,
      policy: policy.act,
      episodes,
      seed,
      onProgress,
      ...(signal !== undefined && { signal }),
    });
  } finally {
    await env.close();
  }
}

function report(result: EvaluationResult, output: Output): void {
  const { meanReturn, stdReturn, meanLength, lengths, returns, episodes } = result;
  output.say(`return ${round(meanReturn, 2)} ± ${round(stdReturn, 2)} over ${episodes} episodes`);
  output.say(`length ${round(meanLength)} (${Math.min(...lengths)} to ${Math.max(...lengths)})`);
  output.event('evaluation', { episodes, meanReturn, stdReturn, meanLength, returns, lengths });
}
