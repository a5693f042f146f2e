import { Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './main.ts';
import { refuseRepeats, repeatable } from './once-only.ts';

/** What `gymwire` says to these arguments; no command is run. */
async function refusalOfGymwire(args: readonly string[]): Promise<string | undefined> {
  const program = await createProgram({ run: async () => undefined });
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeErr: () => undefined });
  }
  return messageOf(() => program.parse(args, { from: 'user' }));
}

function messageOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.message;
  }
}

/** @returns the message of what was refused; undefined: nothing was */
function refusal(...args: string[]): string | undefined {
  const program = new Command('gymwire').option('--json').exitOverride();
  program.configureOutput({ writeErr: () => undefined });
  const collect = (text: string, before: readonly string[]) => [...before, text];
  const train = program
    .command('train')
    .option('--env <id>')
    .option('--tls')
    .option('--colour')
    .option('--no-colour')
    .addOption(repeatable('--only <rule>', 'a rule', collect, []))
    .action(() => undefined);
  for (const command of [program, train]) refuseRepeats(command);
  return messageOf(() => program.parse(args, { from: 'user' }));
}

describe('an option given twice', () => {
  it.each([
    ['train --env A --env B', '--env <id>'],
    ['train --env A --env A', '--env <id>'],
    ['train --env=A --env B', '--env <id>'],
    ['train --tls --tls', '--tls'],
    ['--json train --json', '--json'],
    ['train --colour --no-colour', '--no-colour'],
    ['train --no-colour --colour', '--colour'],
  ])('is refused: %s', (line, flags) => {
    expect(refusal(...line.split(' '))).toBe(`error: option '${flags}' was given twice`);
  });

  it.each(['train --env A', 'train --only A --only B', 'train --no-colour', '--json train --tls --env A'])(
    'is not seen in: %s',
    (line) => {
      expect(refusal(...line.split(' '))).toBeUndefined();
    },
  );
});

describe('every command of gymwire', async () => {
  const { commands } = await createProgram({ run: async () => undefined });
  const options = commands.flatMap((command) =>
    command.options.map((option) => [command.name(), option.long ?? '', option] as const),
  );
  const isRepeatable = (text: string) => text.endsWith('; repeatable');

  it.each(options.filter(([, , { description }]) => !isRepeatable(description)))(
    '%s refuses a second %s',
    async (command, long, { flags, argChoices, required }) => {
      const once = required ? [long, argChoices?.[0] ?? '1'] : [long];
      expect(await refusalOfGymwire([command, ...once, ...once])).toBe(
        `error: option '${flags}' was given twice`,
      );
    },
  );

  it('takes again what is to be repeated, but not the same name', async () => {
    const repeatables = options.filter(([, , { description }]) => isRepeatable(description));
    const names = repeatables.map(([command, long]) => `${command} ${long}`);
    const some = ['serve --xml', 'train --env-arg', 'eval --env-arg', 'run --env-arg', 'conformance --only'];
    expect(names).toEqual(expect.arrayContaining(some));
    expect(await refusalOfGymwire(['train', '--env-arg', 'a=1', '--env-arg', 'b=1'])).toBeUndefined();
    expect(await refusalOfGymwire(['train', '--env-arg', 'a=1', '--env-arg', 'a=2'])).toContain(
      'a was given twice',
    );
    expect(await refusalOfGymwire(['serve', '--xml', 'A-v0=a.xml', '--xml', 'A-v0=b.xml'])).toContain(
      'A-v0 was given twice',
    );
  });
});
