/** Others' Python programs: run by the interpreter that `npm run test:oracles` prepares. */
import { ROOT, run } from '../../../scripts/tools.mjs';

/** The path of the interpreter with simulators that step many environments at once. */
export function batchPython(): string {
  return interpreter('GYMWIRE_BATCH_PYTHON');
}

/** The path of the interpreter with Gymnasium, MuJoCo and ONNX. */
export function oraclePython(): string {
  return interpreter('GYMWIRE_ORACLE_PYTHON');
}

/** The path of the interpreter with the simulators that others wrote. */
export function thirdPartyPython(): string {
  return interpreter('GYMWIRE_THIRD_PARTY_PYTHON');
}

/** The path of the interpreter with Ray. */
export function rayPython(): string {
  return interpreter('GYMWIRE_RAY_PYTHON');
}

function interpreter(variable: string): string {
  const path = process.env[variable];
  if (path === undefined) {
    throw new Error(`${variable} is not set: start these tests with \`npm run test:oracles\``);
  }
  return path;
}

/** What a script printed. Fails with its whole output when it does not exit with 0. */
export function runPython(script: string, ...args: string[]): Promise<string> {
  return runPythonIn(oraclePython(), script, ...args);
}

/** @param python the interpreter's path */
export async function runPythonIn(python: string, script: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(python, [script, ...args], { cwd: ROOT, capture: true });
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} exited with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
