import { Argument, type Command } from 'commander';
import { bashScript } from '../completion/bash-script.ts';
import { type CommandWords, commandWords, type FlagWords, flagWords } from '../completion/command-words.ts';
import { fishScript } from '../completion/fish-script.ts';
import { zshScript } from '../completion/zsh-script.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommandContext } from './command-context.ts';

type Script = (commands: readonly CommandWords[], flags: readonly FlagWords[]) => string;

const scripts: ReadonlyMap<string, Script> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

export function defineCompletion(command: Command, { run, allCommands }: CommandContext): void {
  command
    .addArgument(new Argument('<shell>', 'whose script').choices([...scripts.keys()]))
    .action((shell: string) =>
      run(async (output) => {
        const { commands, options } = await allCommands();
        const script = scripts.get(shell)?.(commandWords(commands), options.map(flagWords)) ?? '';
        for (const line of script.trimEnd().split('\n')) output.say(line);
        output.event('completion', { shell, script });
        return exitCodes.success;
      }),
    );
}
