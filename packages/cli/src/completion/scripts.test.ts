import { presetIds } from '@gymwire/agent-sdk/parts';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../main.ts';
import { bashScript } from './bash-script.ts';
import { type CommandWords, commandWords, type FlagWords, flagWords } from './command-words.ts';
import { fishScript } from './fish-script.ts';
import { zshScript } from './zsh-script.ts';

let commands: readonly CommandWords[];
let flags: readonly FlagWords[];

beforeAll(async () => {
  const program = await createProgram({ run: async () => undefined });
  commands = commandWords(program.commands);
  flags = program.options.map(flagWords);
});

const flag = (command: string, name: string) =>
  commands.find((one) => one.name === command)?.flags.find((one) => one.name === name)?.takes;

describe('what follows a flag', () => {
  it.each([
    ['train', '--tls', 'nothing'],
    ['train', '--help', 'nothing'],
    ['train', '--steps', 'text'],
    ['train', '--config', 'file'],
    ['train', '--out', 'file'],
    ['train', '--resume', 'file'],
    ['serve', '--token-file', 'file'],
    ['train', '--mode', ['pipelined', 'alternating']],
  ])('%s %s: %j', (command, name, takes) => expect(flag(command, name)).toEqual(takes));

  it('is known of environments, and of arguments', () => {
    expect(flag('train', '--env')).toEqual(presetIds);
    const takes = Object.fromEntries(commands.map(({ name, argument }) => [name, argument]));
    expect(takes).toMatchObject({ presets: presetIds, eval: 'file', export: 'file', train: 'nothing' });
    expect(takes['completion']).toEqual(['bash', 'zsh', 'fish']);
  });
});

describe.each([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
])('the script for %s', (shell, script) => {
  it('has every command with every flag', () => {
    const text = script(commands, flags);
    for (const { name, flags: own } of commands) {
      const section = shell === 'fish' ? text : text.slice(text.indexOf(name));
      for (const { name: word } of own) {
        const told = shell === 'fish' ? `from ${name}' -l ${word.slice(2)} ` : word;
        expect(section, `${name} ${word}`).toContain(told);
      }
    }
  });
});

describe('what flags mean', () => {
  const meaning = `it's [a] "b": $(c) \`d\` \\ e`;
  const odd: CommandWords = {
    name: 'odd',
    meaning,
    flags: [{ name: '--flag', meaning, takes: 'text' }],
    argument: 'nothing',
  };

  it('is text in zsh and fish, whatever is in it, and not in bash', () => {
    expect(zshScript([odd], [])).toContain(
      String.raw`'--flag[it'\''s \[a\] "b"\: $(c) ${'`d`'} \\ e]:value: '`,
    );
    expect(fishScript([odd], [])).toContain(String.raw`-d 'it\'s [a] "b": $(c) ${'`d`'} \\ e'`);
    expect(bashScript([odd], [])).not.toContain('(c)');
  });
});
