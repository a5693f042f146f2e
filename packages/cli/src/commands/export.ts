import { readRunPolicy } from '@gymwire/agent-sdk';
import { exportPolicy, writePolicyFile } from '@gymwire/exporter';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { repeatable } from '../once-only.ts';
import type { Output } from '../output.ts';
import { collectMetadata } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandContext } from './command-context.ts';

type Metadata = Readonly<Record<string, string>>;

interface ExportFlags {
  readonly out: string;
  readonly last?: boolean;
  readonly metadata?: Metadata;
}

export function defineExport(command: Command, { run }: CommandContext): void {
  command
    .requiredOption('--out <file>', 'where to write')
    .option('--last', 'the last policy instead of the best')
    .addOption(
      repeatable<Metadata | undefined>(
        '--metadata <name=text>',
        'metadata of your own, in the file as user.<name>',
        collectMetadata,
        undefined,
      ),
    )
    .action((folder: string, flags: ExportFlags) =>
      run(async (output) => {
        await exportRun(folder, flags, output);
        return exitCodes.success;
      }),
    );
}

/** @throws AgentError RUN_NOT_FOUND, POLICY_NOT_FOUND, FILE_…; ExporterError PARITY_FAILED, UNWRITABLE_FILE … */
export async function exportRun(
  folder: string,
  { out, last = false, metadata = {} }: ExportFlags,
  output: Output,
): Promise<void> {
  if (out.trim() === '') throw new UsageError('export: --out names no file');
  const snapshot = await readRunPolicy(folder, last ? 'lastPolicy' : 'bestPolicy');
  const { bytes, parity } = await exportPolicy(snapshot, { metadata });
  await writePolicyFile(out, bytes);
  const error = parity.maxError.toExponential(1);
  output.say(`${out}: ${bytes.length} bytes, ${snapshot.envId}, step ${snapshot.envSteps}`);
  output.say(
    `ONNX Runtime agrees with the float64 reference to ${error} of the action range on ${parity.observations} observations`,
  );
  output.event('export', {
    out,
    bytes: bytes.length,
    envId: snapshot.envId,
    envSteps: snapshot.envSteps,
    metadata,
    parity,
  });
}
