/** The wire bench's ends in Python: bridges/python's server and client, and dm_env_rpc's own catch example. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { machineCores, placeOn } from '../support/placement.ts';
import { bridgeSources, catchFolder, findPeersPython, pythonScript } from '../support/python-peers.ts';
import { Subject, SubjectMissing, type SubjectSpec } from '../support/subject.ts';

const environment = { PYTHONPATH: bridgeSources };

export interface PythonServer {
  readonly address: string;
  readonly pid: number | undefined;
  stop(): void;
}

/** `python -m gymwire serve`. @param flags beside the environments' ids: where, and what else. @throws SubjectMissing */
export async function startPythonServer(
  envIds: readonly string[],
  flags: readonly string[] = ['--port', '0'],
): Promise<PythonServer> {
  const python = findPeersPython('wire');
  if (python === undefined) throw new SubjectMissing('no Python that has it');
  const args = ['-m', 'gymwire', '--json', 'serve', ...envIds, ...flags];
  const child = spawn(python, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, address } = JSON.parse(line) as { type: string; address: string };
    if (type === 'listening') return { address, pid: child.pid, stop: () => void child.kill() };
  }
  throw new SubjectMissing('python -m gymwire serve ended');
}

/** @returns what makes a series of calls and times each. @throws SubjectMissing */
async function startClient(spec: SubjectSpec) {
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
  return startClient({ name: 'gymwire in Python', command: findPeersPython('wire'), args, environment });
}

/** A step of dm_env_rpc's own example, its server in another process. @throws SubjectMissing */
export function catchSpec(name: string): SubjectSpec {
  const folder = catchFolder();
  if (!existsSync(join(folder, 'catch_environment.py'))) {
    throw new SubjectMissing(
      `no catch_environment.py in ${folder}: the clone of dm_env_rpc did not come about; name one in GYMWIRE_PEERS_DM_ENV_RPC`,
    );
  }
  return { name, command: findPeersPython('wire'), args: [pythonScript('wire_subject.py'), 'catch', folder] };
}

export function startCatch() {
  return startClient(catchSpec('dm_env_rpc'));
}
