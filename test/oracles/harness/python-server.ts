/** `python -m gymwire serve`: the server of bridges/python, in the interpreter that `npm run test:oracles` prepares. */
import { onTestFinished } from 'vitest';
import { ROOT } from '../../../scripts/tools.mjs';
import { startProgram } from '../../support/node-program.ts';
import { oraclePython } from './python.ts';

/** On a free port; ends with the test. @returns its address */
export function startPythonServer(...args: readonly string[]): Promise<string> {
  return startPythonServerIn(oraclePython(), ...args);
}

/** @param python the interpreter's path */
export async function startPythonServerIn(python: string, ...args: readonly string[]): Promise<string> {
  const command = ['-m', 'gymwire', '--json', 'serve', ...args, '--port', '0'];
  const server = startProgram(python, command, ROOT);
  onTestFinished(async () => {
    // Its simulators are processes of their own, which a graceful end takes along.
    await server.kill('SIGTERM');
  });
  const [line] = await server.printed(/^.*"type": "listening".*$/m);
  const { address } = JSON.parse(line) as { address: string };
  return address;
}
