/** The examples as their readers use them: what a README prints as its command runs, and ends in the line that it shows. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { listFiles, ROOT, runNode } from '../../scripts/tools.mjs';
import { withReplaced } from '../support/document-code.ts';
import { codeBlocks } from '../support/markdown.ts';
import { startNodeProgram } from '../support/node-program.ts';

const examples = join(ROOT, 'examples');
const gymwire = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');
const documents = listFiles(examples)
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /^[^/]+\/README\.md$/.test(path) && !path.startsWith('node_modules'));

/** What takes long of its own nature: the arm moves by the clock. */
const shortened: Readonly<Record<string, readonly string[]>> = { 'robot/README.md': ['runs/arm', '20'] };
/** Need more than Node: test/oracles has them. */
const elsewhere = ['python-simulator/README.md'];
/** Needs a second terminal. */
const servers = ['reach-arm/README.md'];

const read = (path: string) => readFileSync(join(examples, path), 'utf8').replaceAll('\r\n', '\n');
const commandsOf = (path: string) =>
  codeBlocks(read(path))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.trim().split('\n'))
    .map((line) => line.replace(/ +#.*/, ''));
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? '';
/** Numbers are a machine's own. */
const shape = (line: string) => line.replaceAll(/-?\d[\d.]*(e-?\d+)?/g, '#');

let folder: string;

beforeAll(() => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.cache', 'examples-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

async function runCommand(command: string, more: readonly string[] = []): Promise<string> {
  const [tool, ...words] = command.split(' ');
  const [program = '', ...args] = tool === 'npx' ? [gymwire, ...words.slice(2)] : words;
  const path = program.replace('examples/', `${examples}/`);
  const { code, stdout, stderr } = await runNode(path, [...args, ...more], { cwd: folder, capture: true });
  expect(code, `${command}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

it('every folder with a program has a README, and the table of all names it', () => {
  const folders = new Set(
    listFiles(examples)
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => /^[^/]+\/.*\.ts$/.test(path) && !/^(dist|node_modules)\//.test(path))
      .map((path) => path.split('/')[0] ?? ''),
  );
  expect(documents.map((path) => path.split('/')[0])).toEqual([...folders].sort());
  const table = readFileSync(join(examples, 'README.md'), 'utf8');
  for (const path of documents) {
    expect(table).toContain(`](${path.split('/')[0]})`);
    expect(table).toContain(`\`${commandsOf(path).find((command) => command.startsWith('node '))}\``);
  }
});

describe('the first command of', () => {
  const here = documents.filter((path) => ![...elsewhere, ...servers].includes(path));
  it.each(here)(
    'examples/%s does what it shows',
    async (path) => {
      const [command = ''] = commandsOf(path);
      const [shown] = codeBlocks(read(path)).filter(({ language }) => language === 'text');
      const printed = await runCommand(command, shortened[path]);
      expect(shape(lastLine(printed))).toBe(shape(lastLine(shown?.code ?? '')));
    },
    300_000,
  );
});

it('an evaluation ends with the command that films its worst episode', async () => {
  const printed = await runCommand('node examples/dist/evaluate-and-record/evaluate.js');
  expect(await runCommand(lastLine(printed))).toContain('over 1 episodes');
  expect(readFileSync(join(folder, 'worst.gif')).subarray(0, 6).toString()).toBe('GIF89a');
}, 120_000);

it('a run that was completed goes on when its program is started again', async () => {
  const steps = async () =>
    Number(/(\d+) steps and/.exec(await runCommand('node examples/dist/resume/train.js'))?.[1]);
  const first = await steps();
  expect(await steps()).toBe(first + 1_000);
}, 120_000);

it('examples/reach-arm is served, learnt, and filmed', async () => {
  const server = startNodeProgram(join(examples, 'dist', 'reach-arm', 'serve.js'), ['0'], folder);
  onTestFinished(() => server.stop());
  const [, address = ''] = await server.printed(/serving on (\S+)/);
  const [first, ...others] = commandsOf('reach-arm/README.md');
  expect(first).toBe('node examples/dist/reach-arm/serve.js');
  for (const command of others) {
    const shorter = withReplaced(command, [['127.0.0.1:50051', address]]).replace(
      '--steps 30000',
      '--steps 300',
    );
    await runCommand(shorter);
  }
  expect(readFileSync(join(folder, 'reach.gif')).subarray(0, 6).toString()).toBe('GIF89a');
}, 120_000);
