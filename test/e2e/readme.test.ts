/** README, first steps and reference keep their promises: code runs, commands work, tables say what the program says. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { connect } from '@gymwire/agent-sdk';
import { runFileNames } from '@gymwire/agent-sdk/parts';
import { startEnvServer } from '@gymwire/env-server';
import { OnnxPolicy } from '@gymwire/exporter';
import { wireErrorStatus } from '@gymwire/protocol/wire';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, readJson, runNode, runTool } from '../../scripts/tools.mjs';
import { runCommands } from '../support/cli.ts';
import { type CodeBlock, codeBlocks, codeSpans, tableRows } from '../support/markdown.ts';
import { startNodeProgram } from '../support/node-program.ts';

const gymwire = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');
const reference = read('docs/reference/commands.md');
const pages = ['README.md', 'docs/first-steps.md'];

/** What tests run shorter than a reader would; each must be found, or the README has changed under it. */
const shortened = {
  code: ['totalEnvSteps: 7_000', 'totalEnvSteps: 1_200'],
  command: ['--out runs/pendulum', '--out runs/pendulum --steps 1100'],
} as const;

/** Below the workspace, so that its packages are found by name. */
let folder: string;

beforeAll(() => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.cache', 'readme-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');
}

function blocksOf(path: string, language: string): CodeBlock[] {
  return codeBlocks(read(path)).filter((block) => block.language === language);
}

async function checkProgram(path: string, args: readonly string[], cwd = folder): Promise<string> {
  const { code, stdout, stderr } = await runNode(path, args, { cwd, capture: true });
  expect(code, `${path} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** Runs a block; each `console.log(…); // text` must have printed its text as a line. */
async function checkBlock({ code, line }: CodeBlock, name: string): Promise<void> {
  const program = join(folder, `${name}-${line}.mjs`);
  writeFileSync(program, code.replace(...shortened.code));
  const printed = (await checkProgram(program, [])).split('\n');
  for (const [, text] of code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)) expect(printed).toContain(text);
}

/** Blocks of the pages; what both have from one file, once. */
function blocksOnce(page: string, language: string): CodeBlock[] {
  const before = pages.slice(0, pages.indexOf(page)).flatMap((other) => blocksOf(other, language));
  const known = new Set(before.map(({ source }) => source).filter((source) => source !== ''));
  return blocksOf(page, language).filter(({ source }) => !known.has(source));
}

describe.each(pages)('JavaScript of %s', (page) => {
  it('is there, with a training, that tests run shorter', () => {
    expect(read(page).split(shortened.code[0])).toHaveLength(2);
  });

  // In order: what one block writes, a later one reads.
  it.each(blocksOnce(page, 'js').filter(({ note }) => note !== 'browser'))(
    'of line $line runs',
    (block) => checkBlock(block, basename(page, '.md')),
    300_000,
  );

  // ONNX Runtime's WebAssembly build is the same in a page and in Node.
  it.each(blocksOf(page, 'js').filter(({ note }) => note === 'browser'))(
    'for the browser, of line $line, computes the action that Node computes',
    async ({ code, line }) => {
      const program = join(folder, `browser-${line}.mjs`);
      writeFileSync(
        program,
        code.replace('console.log(action.data)', 'console.log(JSON.stringify([...action.data]))'),
      );
      const inPage = JSON.parse(await checkProgram(program, [])) as number[];
      const policy = await OnnxPolicy.load(join(folder, 'policy.onnx'));
      const inNode = await policy.act(Float32Array.of(1, 0, 0));
      await policy.dispose();
      expect(inPage).toHaveLength(1);
      // Pendulum's torque goes from -2 to 2: 1e-5 of the range.
      expect(Math.abs(inPage[0] - inNode[0])).toBeLessThan(4e-5);
    },
  );
});

describe.each(['protocol', 'env', 'simulators', 'env-server', 'onnx-graph', 'agent-sdk'])(
  'packages/%s/README.md',
  (name) => {
    const path = `packages/${name}/README.md`;
    const blocks = blocksOf(path, 'js');

    it('has an example', () => expect(blocks.length).toBeGreaterThan(0));

    it.each(blocks)('runs the JavaScript of line $line', (block) => checkBlock(block, name), 120_000);
  },
);

describe('TypeScript', () => {
  const isServed = ({ source }: CodeBlock) => !source.startsWith('test/snippets/');
  // What is shown of test/snippets, its own test compiles and runs.
  it.each(pages.flatMap((page) => blocksOnce(page, 'ts')).filter(isServed))(
    'of line $line compiles, and what it serves can be played',
    async ({ code }) => {
      const port = '50051';
      expect(code).toContain(`port: ${port}`);
      writeFileSync(join(folder, 'own.ts'), code.replace(port, '0'));
      const config = {
        extends: '../../tsconfig.base.json',
        compilerOptions: { composite: false, rootDir: '.', outDir: 'built' },
        files: ['own.ts'],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      const compiled = await runTool('typescript', ['-p', folder], { command: 'tsc', capture: true });
      expect(compiled).toMatchObject({ code: 0, stdout: '' });

      const program = startNodeProgram(join(folder, 'built', 'own.js'), [], folder);
      try {
        const address = (await program.printed(/serving on (\S+)/))[1];
        const connection = await connect(address);
        const [{ id } = { id: '' }] = await connection.listEnvs();
        const env = await connection.make(id);
        await env.reset({ seed: 1 });
        expect(await env.step([0.5])).toMatchObject({ terminated: false, truncated: false, info: {} });
        connection.close();
      } finally {
        await program.stop();
      }
    },
  );
});

describe('commands', () => {
  const prefix = 'gymwire ';
  const commandsOf = (page: string) =>
    blocksOf(page, 'sh')
      .flatMap(({ code }) => code.trimEnd().split('\n'))
      .flatMap((line) => line.replace(/ +#.*/, '').split(' && '));
  const ownOf = (page: string) => commandsOf(page).filter((command) => command.startsWith(prefix));
  const verbs = (own: readonly string[]) => own.map((command) => command.split(' ')[1]);

  it('beside those of gymwire name scripts, files and folders that exist', () => {
    const { scripts } = readJson(join(ROOT, 'package.json')) as { scripts: Record<string, string> };
    const isKnown = (command: string) => {
      const [program, verb = '', ...rest] = command.split(' ');
      if (
        !rest.filter((word) => word.startsWith('./packages/')).every((path) => existsSync(join(ROOT, path)))
      )
        return false;
      if (program === 'npx') return existsSync(join(ROOT, 'node_modules', '.bin', verb));
      if (program === 'node') return existsSync(join(ROOT, verb)) || compiled.includes(verb);
      if (verb === 'run') return Object.hasOwn(scripts, rest[0] ?? '');
      if (program === 'export') return command === 'export PATH="$PWD/node_modules/.bin:$PATH"';
      return /^(npm (ci|test|install|pack|init|pkg)|mkdir|cd)\b/.test(command);
    };
    const commands = [...pages, 'docs/command-line.md', 'docs/install.md'].flatMap(commandsOf);
    const compiled = commands
      .filter((command) => command.startsWith('npx tsc '))
      .map((command) => command.split(' ').at(-1)?.replace(/\.ts$/, '.js'));
    const others = commands.filter((command) => !command.startsWith(prefix));
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((command) => !isKnown(command))).toEqual([]);
  });

  it('of first steps compile a program where Node does not run TypeScript', async () => {
    const line = commandsOf('docs/first-steps.md').find((command) => command.startsWith('npx tsc '));
    const args = line?.split(' ').slice(2) ?? [];
    const source = read('examples/own-env/point.ts').split(/\/\/ #(?:end)?region.*\n/)[1];
    writeFileSync(join(folder, 'point.ts'), source);
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(await runNode(tsc, args, { cwd: folder, capture: true })).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'point.js'))).toBe(true);
  });

  it('of the README do what they say, one after another', async () => {
    const own = ownOf('README.md');
    expect(verbs(own)).toEqual(['train', 'eval', 'export']);
    expect(own[0]).toContain(shortened.command[0]);
    const at = join(folder, 'of-the-readme');
    mkdirSync(at);
    for (const command of own)
      await checkProgram(gymwire, argumentsOf(command.replace(...shortened.command), '', ''), at);
    expect(existsSync(join(at, 'policy.onnx'))).toBe(true);
  }, 300_000);

  it('of the command line do what they say, one after another', async () => {
    const own = ownOf('docs/command-line.md');
    expect(verbs(own)).toEqual(['serve', 'train', 'eval', 'export', 'verify', 'run']);
    expect(own[1]).toContain(shortened.command[0]);
    const port = '50051';
    const server = startNodeProgram(gymwire, argumentsOf(own[0], port, '0'), folder);
    try {
      const address = (await server.printed(/serving on (\S+)/))[1];
      for (const command of own.slice(1)) {
        const text = command.replace(...shortened.command);
        await checkProgram(gymwire, argumentsOf(text, port, address.split(':').at(-1) as string));
      }
    } finally {
      await server.stop();
    }
    expect(existsSync(join(folder, 'pendulum.onnx'))).toBe(true);
  }, 300_000);

  function argumentsOf(command: string, port: string, actualPort: string): string[] {
    return command
      .slice(prefix.length)
      .split(/\s+/)
      .map((word) => word.replace(port, actualPort));
  }

  it('that the text mentions exist', () => {
    const mentioned = [...pages, 'docs/command-line.md', 'docs/runs.md']
      .flatMap((page) => codeSpans(read(page)))
      .flatMap((span) => /^gymwire (\w+)/.exec(span)?.[1] ?? []);
    expect(mentioned.length).toBeGreaterThan(0);
    for (const command of mentioned) expect(Object.keys(commandRows())).toContain(command);
  });
});

it('packages/cli/README.md shows commands and options that exist', () => {
  const lines = blocksOf('packages/cli/README.md', 'sh').flatMap(({ code }) => code.trimEnd().split('\n'));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    const [program, command = ''] = line.split(' ');
    expect(program).toBe('gymwire');
    expect(flagsIn(commandRows()[command] ?? ''), line).toEqual(expect.arrayContaining(flagsIn(line)));
  }
});

/** The flags of each command, as the reference's table of that command lists them. */
function commandRows(): Record<string, string> {
  const sections = reference.split(/^## /m).slice(1);
  const rows = sections.map((section) => [
    section.split('\n', 1)[0],
    (section.includes('No flags.') ? [] : tableRows(section, 'flag')).map(([flag = '']) => flag).join(' '),
  ]);
  const { 'Before every command': _, ...own } = Object.fromEntries(rows) as Record<string, string>;
  return own;
}

const flagsIn = (text: string) => [...new Set(text.match(/--[a-z][a-z-]+/g))].sort();

describe('reference tables', () => {
  it('list every command', async () => {
    const help = await checkProgram(gymwire, ['--help']);
    const commands = [...help.matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)].map(([, name]) => name);
    expect([...Object.keys(commandRows()), 'help'].sort()).toEqual(commands.sort());
  });

  it('list every option of every command', async () => {
    const rows = Object.entries(commandRows());
    const helps = await runCommands(
      rows.map(([command]) => [command, '--help']),
      folder,
    );
    const defined = helps.map(({ stdout }, i) => {
      const [own = ''] = stdout.split('Global Options:');
      const flags = [...own.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag).join(' ');
      return [rows[i][0], flagsIn(flags).filter((flag) => flag !== '--help')];
    });
    expect(rows.map(([command, options]) => [command, flagsIn(options)])).toEqual(defined);
  });

  it('list every option of training with its flag', () => {
    const options = tableRows(read('docs/options.md'), 'option of `train`').map(([names]) => names);
    expect(options.length).toBeGreaterThan(20);
    expect(flagsIn(commandRows().train ?? '')).toEqual(expect.arrayContaining(flagsIn(options.join(' '))));
  });

  it('list learners that exist', async () => {
    const help = (await checkProgram(gymwire, ['train', '--help'])).replaceAll(/\s+/g, ' ');
    const choices = /--learner <name> .*?\(choices: (.*?), default/.exec(help)?.[1] ?? '';
    const listed = tableRows(read('docs/runs.md'), 'name').map(([name = '']) => name.replaceAll('`', ''));
    expect(listed.length).toBeGreaterThan(0);
    expect([...choices.matchAll(/"([^"]+)"/g)].map(([, name]) => name)).toEqual(
      expect.arrayContaining(listed),
    );
  });

  it('list every exit code', () => {
    const source = read('packages/cli/src/exit-codes.ts');
    const codes = [...source.matchAll(/^ {2}\w+: (\d+),$/gm)].map(([, code]) => code);
    const [, listed = ''] = read('docs/reference/errors.md').split('## Exit codes');
    expect(tableRows(listed, 'code').map(([code]) => code)).toEqual(codes);
    const short = read('docs/command-line.md').split('[Exit codes]')[1];
    for (const code of codes) expect(short).toMatch(new RegExp(`\\b${code}\\b`));
  });

  it('list every file of a run', () => {
    const listed = tableRows(read('docs/runs.md'), 'file').map(([name = '']) => name.replaceAll('`', ''));
    expect(listed).toEqual(Object.values(runFileNames));
  });
});

it('docs/protocol.md lists every error code with its status', () => {
  const rows = tableRows(read('docs/protocol.md'), 'code').map((cells) =>
    cells.slice(0, 2).map((cell) => cell.replaceAll('`', '')),
  );
  expect(rows).toEqual(Object.entries(wireErrorStatus).map(([code, number]) => [code, status[number]]));
});

it('states the limits that a server has', async () => {
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  const connection = await connect(server.address);
  const { maxNumEnvs, maxMessageBytes } = connection.server;
  connection.close();
  await server.shutdown();
  const limits = read('docs/limits.md');
  expect(limits).toContain(`${maxNumEnvs} environments a session`);
  expect(limits).toContain(`${maxMessageBytes / 2 ** 20} MiB a message`);
});

/** The figures of a row of the README's table, and its command, that the index of results has not where the row's link leads. */
function unfounded([what = '', own = '', peers = '', command = '']: readonly string[]): string[] {
  const link = /\(bench\/results\/(.*)\)/.exec(what)?.[1];
  const index = read('bench/results/README.md').split('\n');
  const [row = ''] = index.filter((line) => line.includes(`](${link})`));
  const figures = `${own}; ${peers}`.match(/\d[\d.]* (µs|ms|s|steps\/s)(?!\w)/g) ?? [];
  return [
    ...figures.filter((figure) => !new RegExp(`(?<![\\d.])${figure}(?!\\w)`).test(row)),
    ...(row.includes(command) ? [] : [command]),
  ];
}

describe('the README’s figures', () => {
  const rows = tableRows(read('README.md'), 'what');

  it('are there, of gymwire and of peers', () => expect(rows.length).toBeGreaterThanOrEqual(5));

  it.each(rows)('%s: are those of the results', (...row) => expect(unfounded(row)).toEqual([]));

  it('are red where one is made up, or from elsewhere', () => {
    const wire = '[wire](bench/results/intel-xeon-2/wire.md)';
    expect(unfounded([wire, '4 µs', 'echo: 32 µs', '`npm run bench -- wire`'])).toEqual(['4 µs']);
    expect(unfounded([wire, '64 µs', 'x', '`npm run bench -- train`'])).toEqual(['`npm run bench -- train`']);
    expect(unfounded(['[wire](bench/results/gone.md)', '64 µs', '', ''])).toEqual(['64 µs']);
  });
});
