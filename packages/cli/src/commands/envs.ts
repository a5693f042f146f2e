import { type ArgumentSpec, Tuple, type Value } from '@gymwire/protocol';
import type { Command } from 'commander';
import { linkServer } from '../connection.ts';
import { exitCodes } from '../exit-codes.ts';
import { addServerFlags, type ServerFlags } from '../server-flags.ts';
import type { CommandContext } from './command-context.ts';

export function defineEnvs(command: Command, { run }: CommandContext): void {
  addServerFlags(command, 'ask').action((flags: ServerFlags) =>
    run(async (output) => {
      const link = await linkServer(flags, output.note);
      try {
        for (const spec of await link.connection.listEnvs()) {
          const limit = spec.maxEpisodeSteps === undefined ? 'no limit' : `${spec.maxEpisodeSteps} steps`;
          output.say(`${spec.id} (${limit}) ${spec.description}`.trimEnd());
          for (const argument of spec.arguments) output.say(`  ${describeArgument(argument)}`);
          output.event('env', {
            ...spec,
            arguments: spec.arguments.map((argument) => ({
              ...argument,
              defaultValue: jsonDefault(argument.defaultValue),
            })),
          });
        }
        return exitCodes.success;
      } finally {
        await link.close();
      }
    }),
  );
}

function describeArgument({
  name,
  type,
  defaultValue,
  minimum,
  maximum,
  description = '',
}: ArgumentSpec): string {
  const range =
    minimum === undefined && maximum === undefined ? '' : ` in [${minimum ?? '-inf'}, ${maximum ?? 'inf'}]`;
  const shown = describeDefault(defaultValue);
  return `--env-arg ${name}=${shown}  ${type}${range}${description === '' ? '' : `: ${description}`}`;
}

/** Arguments are bools, numbers, strings and lists of numbers. */
function jsonDefault(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Tuple) return value.items.map(jsonDefault);
  if (Array.isArray(value)) return (value as readonly Value[]).map(jsonDefault);
  return typeof value === 'object' ? describeDefault(value) : value;
}

/** A default, as `--env-arg` takes it. */
function describeDefault(value: Value): string {
  if (value instanceof Tuple || Array.isArray(value)) {
    const items: readonly Value[] = value instanceof Tuple ? value.items : (value as readonly Value[]);
    return `[${items.map(describeDefault).join(',')}]`;
  }
  return typeof value === 'object' ? '…' : String(value);
}
