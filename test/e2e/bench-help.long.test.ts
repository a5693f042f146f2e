/** `npm run bench -- <name> --help`: every bench says what it measures and what it takes, and measures nothing. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runNode } from '../../scripts/tools.mjs';

const bench = (...args: readonly string[]) =>
  runNode(join(ROOT, 'bench', 'dist', 'main.js'), args, { capture: true });

it('tells the benches, and of each what it measures and what it takes', async () => {
  const { code, stdout } = await bench('--help');
  expect(code).toBe(0);
  const names = /one of: (.+)$/m.exec(stdout)?.[1].split(', ') ?? [];
  expect(names).toContain('wire');
  await Promise.all(
    names.map(async (name) => {
      const help = await bench(name, '--help');
      expect(help, name).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toMatch(new RegExp(`^npm run bench -- ${name} .*\n\n\\S.*\n\n( +--\\S.*\n)+$`));
    }),
  );
});

it.each([
  [['speed'], /one of: wire, bridge, env/],
  [[], /one of: wire, bridge, env/],
  [['env', '--speed'], /Unknown option '--speed'.*\nnpm run bench -- env --help/],
  [['wire', '--save', '--save'], /--save was given twice/],
  [['env', '--envs', 'many'], /--envs: expected a positive integer, got many/],
])('refuses what there is not, without a stack: %s', async (args, message) => {
  const { code, stderr } = await bench(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^ +at /m);
});
