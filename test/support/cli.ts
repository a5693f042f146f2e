/** The command line as users start it: a process of its own, which ends with the test, whatever happens. */
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { type NodeProgram, type ProgramResult, startNodeProgram } from './node-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

const program = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');

/**
 * @param cwd where the operators' tokens of its servers lie as well, so that no test finds another one's; not where
 * that is the project itself
 */
export function startCli(args: readonly string[], cwd: string): NodeProgram {
  const tokens = cwd === ROOT ? temporaryFolder() : cwd;
  const where = { XDG_RUNTIME_DIR: tokens, LOCALAPPDATA: tokens };
  // Servers of this user that are none of the test's have their files there.
  const elsewhere = args.includes('sessions') ? { TMPDIR: tokens, TEMP: tokens, TMP: tokens } : {};
  const started = startNodeProgram(program, args, cwd, { ...where, ...elsewhere });
  onTestFinished(() => started.stop());
  return started;
}

/** Runs a command to its end. */
export function runCli(args: readonly string[], cwd: string): Promise<ProgramResult> {
  return startCli(args, cwd).ended();
}

const batch = join(ROOT, 'test', 'support', 'many-commands.mjs');

/**
 * Runs commands one after another in one process, where their exit codes and words are what is tested: most of a short
 * command's time is that of a process that starts. What a process of its own shows (signals, pipes, its end) is not seen.
 */
export async function runCommands(
  commands: readonly (readonly string[])[],
  cwd: string,
): Promise<ProgramResult[]> {
  const env = { XDG_RUNTIME_DIR: cwd, LOCALAPPDATA: cwd };
  const program = startNodeProgram(batch, [JSON.stringify(commands)], cwd, env);
  onTestFinished(() => program.stop());
  const { code, stdout, stderr } = await program.ended();
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as ProgramResult[];
}

/** What a failed command says to machines. */
export function errorOf({ stdout }: ProgramResult): Record<string, unknown> {
  const last = jsonLines(stdout).at(-1);
  expect(last).toMatchObject({ type: 'error', message: expect.stringMatching(/../) as string });
  return last ?? {};
}

/** `gymwire serve` on a free port. */
export async function startServer(cwd: string): Promise<{ process: NodeProgram; address: string }> {
  const server = startCli(['--json', 'serve', '--port', '0'], cwd);
  const [line] = await server.printed(/^.*"type":"listening".*$/m);
  const { address } = JSON.parse(line) as { address: string };
  return { process: server, address };
}

/** The lines of --json; every one of them must be an object with a type. */
export function jsonLines(stdout: string): Array<Record<string, unknown> & { type: string }> {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || !('type' in value)) {
        throw new Error(`expected an object with a type, got ${line}`);
      }
      return value as Record<string, unknown> & { type: string };
    });
}
