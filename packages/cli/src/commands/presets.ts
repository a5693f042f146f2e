import { writeFile } from 'node:fs/promises';
import { AgentError } from '@gymwire/agent-sdk';
import { presetIds, resolveTrainOptions, trainConfigText } from '@gymwire/agent-sdk/parts';
import { messageOf, nearestName } from '@gymwire/protocol';
import { type Command, Option } from 'commander';
import { commandName } from '../command-name.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { quoted } from '../next-command.ts';
import type { Output } from '../output.ts';
import { formatColumns } from '../text-table.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandContext } from './command-context.ts';

interface PresetsFlags {
  readonly all?: boolean;
  readonly format: 'yaml' | 'json';
  readonly out?: string;
}

export function definePresets(command: Command, { run }: CommandContext): void {
  command
    .option('--all', 'every option, and not only what the preset sets')
    .addOption(new Option('--format <format>', 'of the file').choices(['yaml', 'json']).default('yaml'))
    .option('--out <file>', 'write the file instead of printing it; not over one that is there')
    .action((envId: string | undefined, flags: PresetsFlags) =>
      run(async (output) => (envId === undefined ? list(flags, output) : print(envId, flags, output))),
    );
}

function list({ out }: PresetsFlags, output: Output): ExitCode {
  if (out !== undefined) throw new UsageError('presets: name the environment whose preset --out is to hold');
  const rows = presetIds.map((envId) => {
    const { totalEnvSteps, hiddenSizes, batchSize, actorLearningRate, gamma } = resolveTrainOptions({
      envId,
    });
    return {
      environment: envId,
      steps: String(totalEnvSteps),
      networks: hiddenSizes.join('-'),
      batch: String(batchSize),
      'learning rate': String(actorLearningRate),
      gamma: String(gamma),
    };
  });
  for (const line of formatColumns(rows, new Set(['steps', 'batch', 'learning rate', 'gamma'])))
    output.say(line);
  for (const envId of presetIds) output.event('preset', { envId, options: resolveTrainOptions({ envId }) });
  output.say('');
  output.say(`next: ${commandName()} presets ${presetIds[0] ?? ''} --out run.yaml`);
  return exitCodes.success;
}

async function print(envId: string, flags: PresetsFlags, output: Output): Promise<ExitCode> {
  const { out } = flags;
  if (!presetIds.includes(envId)) {
    const nearest = nearestName(envId, presetIds);
    const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    output.note(`${envId} has no preset: these are the defaults${meant}`);
  }
  const text = trainConfigText(envId, flags);
  output.event('preset', { envId, options: resolveTrainOptions({ envId }), out });
  if (out === undefined) {
    for (const line of text.trimEnd().split('\n')) output.say(line);
    return exitCodes.success;
  }
  await writeNew(out, text);
  output.say(`next: ${commandName()} train --config ${quoted(out)}`);
  return exitCodes.success;
}

/** @throws UsageError for a file that is there; AgentError NOT_WRITABLE */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new UsageError(`presets: ${path} is there already: name another file with --out`);
    }
    throw new AgentError('NOT_WRITABLE', `${path}: ${messageOf(cause)}`, { cause });
  }
}
