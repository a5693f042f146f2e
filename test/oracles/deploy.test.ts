/** docs/deploy.md as its readers use it: each program compiled where it must be, and run on a whole and on a wrong file. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportPolicy, type PolicySnapshot } from '@gymwire/exporter';
import { decodeModel, encodeModel } from '@gymwire/onnx-graph';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT, run, runNode } from '../../scripts/tools.mjs';
import { trainedSnapshot } from '../golden/onnx-policy-case.ts';
import { codeBlocks } from '../support/markdown.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { oraclePython } from './harness/python.ts';

const onnxRuntimeJava = '1.24.1';
const document = codeBlocks(readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8'));

function program(language: string, runtime: string): string {
  const found = document.filter((block) => block.language === language && block.note === runtime);
  expect(found).toHaveLength(1);
  return found[0]?.code ?? '';
}

/** Two actions of unequal ranges, on a name that a careless search for "action" would find. */
async function policyBytes(): Promise<Uint8Array> {
  const { actor, ...rest } = trainedSnapshot('td3_wide');
  const snapshot: PolicySnapshot = { ...rest, envId: '"action":{1,2}', actor };
  return (await exportPolicy(snapshot)).bytes;
}

/** One recorded action is another. */
function wrong(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes);
  const golden = JSON.parse(model.metadata['gymwire.golden'] ?? '') as { actions: number[][] };
  const [last] = golden.actions.slice(-1);
  if (last !== undefined) last[last.length - 1] = Math.fround((last.at(-1) ?? 0) + 0.01);
  return encodeModel({ ...model, metadata: { ...model.metadata, 'gymwire.golden': JSON.stringify(golden) } });
}

async function must(what: string, tool: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(tool, args, { cwd, capture: true });
  if (code !== 0)
    throw new Error(`this test needs ${what}: \`${tool} ${args.join(' ')}\` failed:\n${stdout}${stderr}`);
  return stdout;
}

/** Expects the whole file to be passed and the wrong one to be refused, each in a folder of its own. */
async function expectVerdicts(
  start: (folder: string) => Promise<{ code: number; stdout: string; stderr: string }>,
) {
  const bytes = await policyBytes();
  const whole = temporaryFolder();
  writeFileSync(join(whole, 'policy.onnx'), bytes);
  const passed = await start(whole);
  expect({ code: passed.code, stderr: passed.code === 0 ? '' : passed.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(passed.stdout).toContain('golden pairs agree');
  const damaged = temporaryFolder();
  writeFileSync(join(damaged, 'policy.onnx'), wrong(bytes));
  const refused = await start(damaged);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/off by|expected .*, got /);
}

it.each(['onnxruntime', 'openvino'])('Python with %s', async (runtime) => {
  // One prints what it found, the other goes on to act.
  const code = `${program('python', runtime)}\nprint("golden pairs agree")\n`;
  await expectVerdicts((cwd) => run(oraclePython(), ['-c', code], { cwd, capture: true }));
});

it('the check notices OpenVINO’s own precision, where the processor has bfloat16', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'policy.onnx'), await policyBytes());
  const capabilities =
    'import openvino; print(openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))';
  const hasBfloat16 = (await must('OpenVINO', oraclePython(), ['-c', capabilities], cwd)).includes('BF16');
  const code = program('python', 'openvino').replace('{"INFERENCE_PRECISION_HINT": "f32"}', '{}');
  expect(code).not.toBe(program('python', 'openvino'));
  const { code: exit, stdout, stderr } = await run(oraclePython(), ['-c', code], { cwd, capture: true });
  process.stdout.write(
    `OpenVINO by default, bfloat16 ${hasBfloat16 ? 'there' : 'not there'}: ${stdout}${stderr}`,
  );
  expect(exit === 0).toBe(!hasBfloat16);
});

it('JavaScript', async () => {
  const source = program('js', 'onnxruntime');
  const caller = (name: string) =>
    `import { readFileSync } from 'node:fs';
    import { checkGoldenPairs } from ${JSON.stringify(name)};
    await checkGoldenPairs(new Uint8Array(readFileSync('policy.onnx')));
    console.log('golden pairs agree');
    process.exit(0);`;
  const inRepository = (path: string) => pathToFileURL(join(ROOT, 'node_modules', path)).href;
  const entries: Readonly<Record<string, string>> = {
    '@gymwire/onnx-graph': inRepository('@gymwire/onnx-graph/dist/index.js'),
    'onnxruntime-web': inRepository('onnxruntime-web/dist/ort.node.min.mjs'),
  };
  const resolved = source.replaceAll(
    /from '([^']+)'/g,
    (_, name: string) => `from '${entries[name] ?? name}'`,
  );
  await expectVerdicts((cwd) => {
    writeFileSync(join(cwd, 'check.mjs'), resolved);
    writeFileSync(join(cwd, 'run.mjs'), caller('./check.mjs'));
    return runNode(join(cwd, 'run.mjs'), [], { cwd, capture: true });
  });
});

describe('C++ with OpenVINO', () => {
  it('compiles against the library that Python has, and tells the files apart', async () => {
    const folder = temporaryFolder();
    const where = 'import os, openvino; print(os.path.dirname(openvino.__file__))';
    const library = (await must('OpenVINO', oraclePython(), ['-c', where], folder)).trim();
    writeFileSync(join(folder, 'check.cpp'), program('cpp', 'openvino'));
    const shared = 'import glob, sys; print(sorted(glob.glob(sys.argv[1] + "/libs/libopenvino.so*"))[0])';
    const file = (await must('OpenVINO', oraclePython(), ['-c', shared, library], folder)).trim();
    const flags = [
      '-std=c++17',
      `-I${join(library, 'include')}`,
      'check.cpp',
      file,
      `-Wl,-rpath,${dirname(file)}`,
    ];
    await must('a C++ compiler', process.env['CXX'] ?? 'g++', [...flags, '-o', 'check'], folder);
    await expectVerdicts((cwd) => run(join(folder, 'check'), [], { cwd, capture: true }));
  });
});

describe('Java with ONNX Runtime', () => {
  let jar: string;
  beforeAll(async () => {
    const folder = join(ROOT, '.cache', 'java');
    jar = join(folder, `onnxruntime-${onnxRuntimeJava}.jar`);
    if (existsSync(jar)) return;
    mkdirSync(folder, { recursive: true });
    const artifact = `-Dartifact=com.microsoft.onnxruntime:onnxruntime:${onnxRuntimeJava}`;
    await must(
      'Maven',
      'mvn',
      ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${folder}`],
      folder,
    );
  }, 600_000);

  it('compiles, and tells the files apart', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'CheckGoldenPairs.java'), program('java', 'onnxruntime'));
    await must('a Java development kit', 'javac', ['-cp', jar, 'CheckGoldenPairs.java'], folder);
    const classes = [jar, folder].join(process.platform === 'win32' ? ';' : ':');
    await expectVerdicts((cwd) => run('java', ['-cp', classes, 'CheckGoldenPairs'], { cwd, capture: true }));
  });
});
