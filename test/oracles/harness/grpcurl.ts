/** grpcurl, a client that knows nothing of gymwire: it learns the service from the server's reflection. */
import { run } from '../../../scripts/tools.mjs';
import { installGoProgram } from './go-program.ts';

/** The program's path. */
export function installGrpcurl(): Promise<string> {
  return installGoProgram('github.com/fullstorydev/grpcurl/cmd/grpcurl', 'v1.9.4');
}

/** Runs grpcurl and gives what it printed; fails with its message when the call fails. */
export async function grpcurl(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, ['-plaintext', ...args], { capture: true });
  if (code !== 0) throw new Error(`grpcurl ${args.join(' ')} exited with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
