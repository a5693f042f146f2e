import { type RemoteVectorEnv } from '@gymwire/agent-sdk';
import {
  checkObservationLayout,
  createFlattener,
  isCancelled,
  isEpisodeLoss,
  makeTrainedEnv,
  readActionBounds,
} from '@gymwire/agent-sdk/parts';
import { ExporterError, OnnxPolicy } from '@gymwire/exporter';
import { GymwireError } from '@gymwire/protocol';
import type { Command } from 'commander';
import { linkServer } from '../connection.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { noteUnconfirmed } from '../load-policy.ts';
import { type Output, round } from '../output.ts';
import { integer, type JsonArguments } from '../parse-arguments.ts';
import { refuseFolder } from '../run-or-file.ts';
import { addServerFlags, type ServerFlags } from '../server-flags.ts';
import type { CommandContext } from './command-context.ts';
import { optionFlag } from './train-flags.ts';

interface RunFlags extends ServerFlags {
  readonly env?: string;
  readonly envArg?: JsonArguments;
  readonly maxEpisodeSteps?: number;
  readonly episodes?: number;
  readonly seed?: number;
}

/** Deployment: one environment, one observation in, one action out, until told to stop. */
export function defineRun(command: Command, { run }: CommandContext): void {
  addServerFlags(command, 'drive')
    .option('--env <id>', 'environment to drive; default: the one it was trained on')
    .addOption(optionFlag('envArguments', 'those of the training'))
    .addOption(
      optionFlag(
        'maxEpisodeSteps',
        'that of the training',
        'Steps until an episode is truncated, 0 for no limit.',
      ),
    )
    .option('--episodes <number>', 'stop after so many; default: go on until Ctrl-C', integer(1))
    .option('--seed <number>', 'seed of the first episode; default: from entropy', integer(0))
    .action((path: string, flags: RunFlags) => run((output) => runCommand(path, flags, output)));
}

async function runCommand(path: string, flags: RunFlags, output: Output): Promise<ExitCode> {
  await refuseFolder(path);
  const policy = await OnnxPolicy.load(path);
  const link = await linkServer(flags, output.note, flags.env === undefined ? path : undefined).catch(
    async (error: unknown) => {
      await policy.dispose();
      throw error;
    },
  );
  const interrupt = onInterrupt(output.note, 'stopping after this step', output.closed);
  interrupt.signal.addEventListener('abort', link.stopReconnecting);
  try {
    const trained = policy.metadata;
    const envId = flags.env ?? trained.envId;
    if (envId === trained.envId) noteUnconfirmed(trained, trained.envUnconfirmed, output);
    const env = await makeTrainedEnv(
      link.connection,
      // What it was trained with says nothing about another environment.
      envId === trained.envId ? trained : { envId },
      { envArguments: flags.envArg, maxEpisodeSteps: flags.maxEpisodeSteps },
      { numEnvs: 1 },
    );
    checkFit(policy, path, env, output);
    if (envId !== trained.envId)
      output.note(`${path} was trained on ${trained.envId}; here it drives ${envId}`);
    output.say(`${path} drives ${envId} on ${link.description}`);
    const last = flags.episodes ?? Number.POSITIVE_INFINITY;
    for (let episode = 1; episode <= last; episode++) {
      const seed = episode === 1 ? flags.seed : undefined;
      const tell = (far: Played) => {
        output.say(`episode ${episode}: ${far.length} steps so far, return ${round(far.return, 2)}`);
        output.event('driving', { episode, ...far });
      };
      const played = await playEpisode(env, policy, seed, interrupt.signal, tell).catch((error: unknown) =>
        interrupt.signal.aborted && isCancelled(error) ? undefined : lostEpisode(error),
      );
      if (interrupt.signal.aborted) break;
      if (played === undefined) {
        output.say(`episode ${episode}: lost with its session`);
        output.event('broken', { episode });
        continue;
      }
      output.say(`episode ${episode}: return ${round(played.return, 2)}, ${played.length} steps`);
      output.event('episode', { episode, ...played });
    }
    await env.close();
    return interrupt.signal.aborted ? exitCodes.interrupted : exitCodes.success;
  } finally {
    interrupt.release();
    await link.close();
    await policy.dispose();
  }
}

/** Before anything moves. @throws ExporterError OBSERVATION_SIZE; AgentError OBSERVATION_STRUCTURE; GymwireError BAD_ACTION */
function checkFit({ metadata }: OnnxPolicy, path: string, env: RemoteVectorEnv, output: Output): void {
  const { envId, observationSpace, actionSpace } = env;
  const [wanted, given] = [metadata.observation.low.length, createFlattener(observationSpace, envId).size];
  const trainedOn = `${path}, trained on ${metadata.envId}`;
  if (wanted !== given) {
    const message = `${trainedOn}, takes observations of ${wanted} numbers; ${envId} gives ${given}`;
    throw new ExporterError('OBSERVATION_SIZE', message);
  }
  checkObservationLayout(metadata, trainedOn, env);
  const { low, high } = metadata.action;
  const bounds = readActionBounds(actionSpace);
  if (bounds[0].length !== low.length) {
    const message = `${trainedOn}, gives actions of ${low.length} numbers; ${envId} takes ${bounds[0].length}`;
    throw new GymwireError('BAD_ACTION', message);
  }
  const other = low.findIndex(
    (_, i) => Math.fround(bounds[0][i]) > low[i] || Math.fround(bounds[1][i]) < high[i],
  );
  if (other < 0) return;
  output.note(
    `${trainedOn}, gives actions from ${low[other]} to ${high[other]} (number ${other}); ` +
      `${envId} takes ${bounds[0][other]} to ${bounds[1][other]}`,
  );
}

/** A robot's server that was restarted is no reason to stop; the next reset begins a new episode. */
function lostEpisode(error: unknown): undefined {
  if (isEpisodeLoss(error)) return undefined;
  throw error;
}

interface Played {
  readonly return: number;
  readonly length: number;
}

/** An episode may go on for ever, and is seen to. */
const progressInterval = 1_000;

async function playEpisode(
  env: RemoteVectorEnv,
  policy: OnnxPolicy,
  seed: number | undefined,
  signal: AbortSignal,
  tell: (far: Played) => void,
): Promise<Played> {
  const flattener = createFlattener(env.observationSpace, 'observation');
  const row = new Float32Array(flattener.size);
  let { observation } = await env.reset(seed === undefined ? {} : { seed });
  policy.reset([0]);
  let [episodeReturn, length] = [0, 0];
  while (!signal.aborted) {
    flattener.write(observation, 1, row);
    const step = await env.step(await policy.act(row));
    observation = step.observation;
    episodeReturn += step.rewards[0];
    length += 1;
    if (step.terminated[0] || step.truncated[0]) break;
    if (length % progressInterval === 0) tell({ return: episodeReturn, length });
  }
  return { return: episodeReturn, length };
}
