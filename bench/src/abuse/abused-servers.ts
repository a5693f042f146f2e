/** Both servers with `gymwire/Conformance-v0` and Pendulum, each in a process of its own. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bridgeSources, findPeersPython } from '../support/python-peers.ts';
import { SubjectMissing } from '../support/subject.ts';
import type { AttackTarget } from './attack.ts';
import type { AbusedServerMemory, AbusedServerReady } from './server-process.ts';

export interface AbusedServer {
  readonly name: string;
  readonly pid: number;
  readonly target: AttackTarget;
  isAlive(): boolean;
  /** Collects garbage. @returns what is in use then, MiB; NaN for a server that cannot be asked */
  liveMemory(): Promise<number>;
  stop(): Promise<void>;
}

export const startAbused = { typescript: startTypeScript, python: startPython } as const;

async function startTypeScript(): Promise<AbusedServer> {
  const program = fileURLToPath(new URL('./server-process.js', import.meta.url));
  const child = fork(program, [], { execArgv: ['--expose-gc'] });
  const [{ address }] = (await once(child, 'message')) as [AbusedServerReady];
  return describe('TypeScript', child, address, { manyEnvs: 1024, pictures: 'Humanoid-v5' });
}

/** @throws SubjectMissing */
async function startPython(): Promise<AbusedServer> {
  const python = findPeersPython('wire');
  if (python === undefined) throw new SubjectMissing('no Python that has it');
  const args = ['-m', 'gymwire', '--json', 'serve', 'Pendulum-v1', '--conformance', '--port', '0'];
  const child = spawn(python, args, {
    env: { ...process.env, PYTHONPATH: bridgeSources },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, address } = JSON.parse(line) as { type: string; address: string };
    if (type !== 'listening') continue;
    return describe('Python', child, address, { manyEnvs: 256, pictures: 'gymwire/Conformance-v0' });
  }
  throw new SubjectMissing('python -m gymwire serve ended');
}

function describe(
  name: string,
  child: ChildProcess,
  address: string,
  load: Pick<AttackTarget, 'manyEnvs' | 'pictures'>,
): AbusedServer {
  const at = address.lastIndexOf(':');
  return {
    name,
    pid: child.pid ?? 0,
    target: { address, host: address.slice(0, at), port: Number(address.slice(at + 1)), ...load },
    async liveMemory() {
      if (!child.connected) return Number.NaN;
      child.send('memory');
      const [{ liveBytes }] = (await once(child, 'message')) as [AbusedServerMemory];
      return liveBytes / 2 ** 20;
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}
