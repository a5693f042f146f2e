import { packageVersion } from '@gymwire/protocol';
import { Command, CommanderError } from 'commander';
import type { CommandContext } from './commands/command-context.ts';
import { addConformance } from './commands/conformance.ts';
import { addDemo } from './commands/demo.ts';
import { addEnvs } from './commands/envs.ts';
import { addEval } from './commands/eval.ts';
import { addExport } from './commands/export.ts';
import { addRun } from './commands/run.ts';
import { addServe } from './commands/serve.ts';
import { addSessions } from './commands/sessions.ts';
import { addTrain } from './commands/train.ts';
import { addVerify } from './commands/verify.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { refuseRepeats } from './once-only.ts';
import { createOutput } from './output.ts';
import { reportError } from './report-error.ts';

/** All commands and their options. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('gymwire')
    .description('Gym over the wire: serve environments, train TD3 against them, deploy the policy as ONNX')
    .version(packageVersion)
    .option('--json', 'one JSON object a line on stdout, for machines')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  for (const add of [
    addServe,
    addSessions,
    addEnvs,
    addTrain,
    addEval,
    addExport,
    addVerify,
    addRun,
    addConformance,
    addDemo,
  ])
    add(program, context);
  refuseRepeats(program);
  return program;
}

/** @param args what follows the program's name @returns the exit code; see exit-codes.ts */
export async function main(args: readonly string[]): Promise<number> {
  let exit: ExitCode = exitCodes.success;
  const program = createProgram({
    async run(body) {
      const output = createOutput(program.opts<{ json?: boolean }>().json === true);
      try {
        exit = await body(output);
      } catch (thrown) {
        exit = reportError(thrown, output);
      }
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    // Commander has printed its message to stderr already.
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return exitCodes.success;
    // Options may not have been read when the first of them is wrong.
    const message = thrown.code === 'commander.help' ? 'expected a command' : thrown.message;
    createOutput(args.includes('--json')).event('error', { code: 'USAGE', message });
    return exitCodes.usage;
  }
  return exit;
}
