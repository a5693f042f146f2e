/** grpcurl, a client that knows nothing of gymwire: it learns the service from the server's reflection. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from '../../../scripts/tools.mjs';

const module = 'github.com/fullstorydev/grpcurl/cmd/grpcurl';
const version = 'v1.9.4';

/** The program's path; built once by Go into .cache. Fails where Go is missing. */
export async function installGrpcurl(): Promise<string> {
  const folder = join(ROOT, '.cache', 'go-bin', version);
  const program = join(folder, process.platform === 'win32' ? 'grpcurl.exe' : 'grpcurl');
  if (existsSync(program)) return program;
  const env = { ...process.env, GOBIN: folder };
  const { code, stderr } = await run('go', ['install', `${module}@${version}`], { env, capture: true });
  if (code !== 0) {
    throw new Error(
      `this test needs Go, to build grpcurl: \`go install ${module}@${version}\` failed:\n${stderr}`,
    );
  }
  return program;
}

/** Runs grpcurl and gives what it printed; fails with its message when the call fails. */
export async function grpcurl(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, ['-plaintext', ...args], { capture: true });
  if (code !== 0) throw new Error(`grpcurl ${args.join(' ')} exited with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
