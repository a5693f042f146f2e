/** `serve --module`: environments in JavaScript of the operator's own. No client can name a file. */
import { existsSync } from 'node:fs';
import { isolations } from '@gymwire/env';
import { type EnvRegistration, registrationsFrom } from '@gymwire/env-server';
import { GymwireError } from '@gymwire/protocol';
import { type Command, Option } from 'commander';
import { repeatable } from './once-only.ts';
import { integer } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';

export interface ModuleFlags {
  readonly module: readonly string[];
  readonly isolate?: (typeof isolationWords)[number] | undefined;
  readonly maxMemoryMb?: number | undefined;
}

const isolationWords = [...isolations, 'none'] as const;

export function addModuleFlags(command: Command): Command {
  return command
    .addOption(
      repeatable(
        '--module <file[#export]>',
        'offer the registrations that a module of yours exports, or those of one of its exports',
        (text: string, before: readonly string[]) => [...before, text],
        [],
      ),
    )
    .addOption(
      new Option(
        '--isolate <how>',
        'what each session of a --module gets for itself; default: what its registrations say, else a process',
      ).choices(isolationWords),
    )
    .option('--max-memory-mb <number>', 'that an isolated session may hold', integer(1));
}

/** @throws GymwireError INVALID_ARGUMENT naming the file and what is wrong with it; UsageError for flags without a module */
export async function readModuleEnvs({
  module,
  isolate,
  maxMemoryMb,
}: ModuleFlags): Promise<EnvRegistration[]> {
  if (module.length === 0 && (isolate ?? maxMemoryMb) !== undefined) {
    throw new UsageError('serve: --isolate and --max-memory-mb are about environments of a --module');
  }
  if (isolate === 'none' && maxMemoryMb !== undefined) {
    throw new UsageError(
      "serve: --max-memory-mb needs --isolate worker or process: the server's own memory is not limited",
    );
  }
  const options = {
    ...(isolate !== undefined && { isolate }),
    ...(maxMemoryMb !== undefined && { maxMemoryMb }),
  };
  const registrations: EnvRegistration[] = [];
  for (const text of module) {
    const { file, exportName } = splitModule(text);
    registrations.push(
      ...(await registrationsFrom(file, {
        ...options,
        ...(exportName !== undefined && { exportName }),
      }).catch(named)),
    );
  }
  return registrations;
}

/** A file may have a # in its name. */
function splitModule(text: string): { readonly file: string; readonly exportName?: string } {
  const at = text.lastIndexOf('#');
  if (at < 1 || existsSync(text)) return { file: text };
  return { file: text.slice(0, at), exportName: text.slice(at + 1) };
}

function named(error: unknown): never {
  if (!(error instanceof GymwireError)) throw error;
  const { code, details, origin } = error;
  throw new GymwireError(code, `--module ${error.message}`, { details, origin, cause: error });
}
