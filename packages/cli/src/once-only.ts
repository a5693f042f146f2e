/** Options that take one value: of two, Commander takes the last, without a word. Here the second one is an error. */
import { type Command, Option } from 'commander';

const repeatables = new WeakSet<Option>();

/**
 * An option that each time it is given adds to what it was given before.
 * @param add makes the next value from a text and the value so far, which is `initial` at first
 */
export function repeatable<T>(
  flags: string,
  description: string,
  add: (text: string, previous: T) => T,
  initial: T,
): Option {
  const option = new Option(flags, `${description}; repeatable`).argParser<T>(add);
  repeatables.add(initial === undefined ? option : option.default(initial));
  return option;
}

/**
 * Once all options of a command (or of the program, before its commands) are defined: they are refused when they are given
 * twice, and so is a flag together with its negation.
 */
export function refuseRepeats(command: Command): void {
  const given = new Set<string>();
  for (const option of command.options) {
    if (repeatables.has(option)) continue;
    // A flag and its negation have one name between them.
    const name = option.attributeName();
    command.on(`option:${option.name()}`, () => {
      if (given.has(name)) command.error(`error: option '${option.flags}' was given twice`);
      given.add(name);
    });
  }
}
