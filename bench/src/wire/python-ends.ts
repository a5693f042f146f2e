/** The wire bench's ends in Python: bridges/python's server and client, and dm_env_rpc's own catch example. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { machineCores, placeOn } from '../support/placement.ts';
import { bridgeSources, catchFolder, findPeersPython, pythonScript } from '../support/python-peers.ts';
import { Subject, SubjectMissing } from '../support/subject.ts';

const environment = { PYTHONPATH: bridgeSources };

export interface PythonServer {
  readonly address: string;
  stop(): void;
}

/** `python -m gymwire serve Pendulum-v1`. @throws SubjectMissing */
export async function startPythonServer(): Promise<PythonServer> {
  const python = findPeersPython('wire');
  if (python === undefined) throw new SubjectMissing('no Python that has it');
  const args = ['-m', 'gymwire', '--json', 'serve', 'Pendulum-v1', '--port', '0'];
  const child = spawn(python, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, address } = JSON.parse(line) as { type: string; address: string };
    if (type === 'listening') return { address, stop: () => void child.kill() };
  }
  throw new SubjectMissing('python -m gymwire serve ended');
}

/** @returns what makes a series of calls and times each. @throws SubjectMissing */
async function startClient(name: string, args: readonly string[]) {
  const spec = { name, command: findPeersPython('wire'), args, environment };
  const subject = await Subject.start(spec, placeOn(machineCores()));
  return {
    version: subject.introduction.version,
    stop: () => subject.stop(),
    series: async (calls: number) => (await subject.run(calls)).series ?? [],
  };
}

/** bridges/python's client on this server. */
export function startPythonClient(address: string, numEnvs: number) {
  const args = [pythonScript('wire_subject.py'), 'gymwire', address, String(numEnvs)];
  return startClient('gymwire in Python', args);
}

export function startCatch() {
  return startClient('dm_env_rpc', [pythonScript('wire_subject.py'), 'catch', catchFolder()]);
}
