/** Others' Python programs: run by the interpreter that `npm run test:oracles` prepares. */
import { ROOT, run } from '../../../scripts/tools.mjs';

/** The interpreter's path. */
export function oraclePython(): string {
  const interpreter = process.env['GYMWIRE_ORACLE_PYTHON'];
  if (interpreter === undefined) {
    throw new Error('GYMWIRE_ORACLE_PYTHON is not set: start these tests with `npm run test:oracles`');
  }
  return interpreter;
}

/** What a script printed. Fails with its whole output when it does not exit with 0. */
export async function runPython(script: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(oraclePython(), [script, ...args], { cwd: ROOT, capture: true });
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} exited with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
