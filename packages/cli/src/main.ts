import { packageVersion } from '@gymwire/protocol';
import { Command, CommanderError } from 'commander';
import type { RunContext } from './commands/command-context.ts';
import { commandTable } from './commands/command-table.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { refuseRepeats } from './once-only.ts';
import { createOutput } from './output.ts';

/** All commands, with all of their flags, for whoever tells about them. */
export async function createProgram(context: RunContext): Promise<Command> {
  return namedCommands(context).allCommands();
}

/** All commands by name; each is defined when it is called, or told to. */
function namedCommands({ run }: RunContext) {
  const program = new Command('gymwire')
    .description('Gym over the wire: serve environments, train TD3 against them, deploy the policy as ONNX')
    .version(packageVersion)
    .option('--json', 'one JSON object a line on stdout, for machines')
    .exitOverride()
    // Told at the end, with what helps.
    .configureOutput({ outputError: () => undefined })
    .configureHelp({
      showGlobalOptions: true,
      // Which flags it has is not known yet; `--help` it has in any case.
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
    });
  refuseRepeats(program);
  const undefinedYet = new Map<Command, (typeof commandTable)[number]['load']>();
  for (const { name, argument, description, load } of commandTable) {
    const command = program.command(name).description(description);
    if (argument !== undefined) command.argument(...argument);
    undefinedYet.set(command, load);
  }
  const define = async (command: Command): Promise<void> => {
    const load = undefinedYet.get(command);
    if (load === undefined) return;
    (await load())(command, { run, allCommands });
    undefinedYet.delete(command);
    refuseRepeats(command);
  };
  const allCommands = async () => {
    await Promise.all(program.commands.map(define));
    return program;
  };
  let called: Command | undefined;
  // A command that is defined is called at once, not a turn of the loop later.
  program.hook('preSubcommand', (_, command) => {
    called = command;
    return undefinedYet.has(command) ? define(command) : undefined;
  });
  return { program, allCommands, called: () => called };
}

/** @param args what follows the program's name @returns the exit code; see exit-codes.ts */
export async function main(args: readonly string[]): Promise<number> {
  let exit: ExitCode = exitCodes.success;
  const { program, called } = namedCommands({
    async run(body) {
      const output = createOutput(program.opts<{ json?: boolean }>().json === true);
      try {
        exit = await body(output);
      } catch (thrown) {
        const { reportError } = await import('./report-error.ts');
        exit = reportError(thrown, output);
      }
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return exitCodes.success;
    await reportUsage(thrown, called(), args.includes('--json'));
    return exitCodes.usage;
  }
  return exit;
}

/** @param json looked for by whoever calls: options may not have been read when the first of them is wrong */
async function reportUsage(
  error: CommanderError,
  command: Command | undefined,
  json: boolean,
): Promise<void> {
  const isHelp = error.code === 'commander.help';
  const { withHint } = await import('./usage-hints.ts');
  const example = commandTable.find(({ name }) => name === command?.name())?.example;
  const message = isHelp ? 'expected a command' : await withHint(error, command, example);
  const output = createOutput(json);
  // Help was printed already.
  if (!isHelp) output.note(message);
  output.event('error', { code: 'USAGE', message });
}
