/** A training that went wrong without an error says so: on the way, at the end, and in its file. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jsonLines, runCli } from '../support/cli.ts';
import { readLines } from '../support/run-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const saturated =
  /the actor is saturated: it holds action\[0\] at its (upper|lower) bound, whatever it observes/;

it.each(['1', '10'])('a learning rate of %s ends in a saturated actor, which is told', async (rate) => {
  const folder = temporaryFolder();
  // Of seeds 0 to 3, 0 alone ends elsewhere at a rate of 10: in actions at both bounds.
  const flags = ['--steps', '600', '--eval-every', '300', '--lr', rate, '--seed', '1'];
  const args = ['train', '--env', 'Pendulum-v1', ...flags];
  const { code, stdout, stderr } = await runCli(['--json', ...args, '--out', 'run'], folder);
  // What was asked for was done.
  expect(code).toBe(0);
  const told = stderr.split('\n').filter((line) => saturated.test(line));
  expect(told).toEqual([
    expect.stringMatching(/^warning: step 300: /),
    expect.stringMatching(/^warning: since step 300: .*try a lower learning rate/),
  ]);
  const lines = jsonLines(stdout);
  expect(lines.filter(({ type }) => type === 'warning')).toMatchObject([
    { code: 'ACTOR_SATURATED', envSteps: 300 },
  ]);
  expect(lines.at(-1)).toMatchObject({ type: 'result', warnings: [{ code: 'ACTOR_SATURATED' }] });
  const kept = readLines(join(folder, 'run'), 'events').filter(({ type }) => type === 'warning');
  expect(kept).toMatchObject([{ code: 'ACTOR_SATURATED', envSteps: 300 }]);
});

it("the preset's does not", async () => {
  const folder = temporaryFolder();
  const args = ['train', '--env', 'Pendulum-v1', '--steps', '3000', '--out', 'run'];
  const { code, stdout, stderr } = await runCli(['--json', ...args], folder);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('warning')]);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ warnings: [] });
  expect(readLines(join(folder, 'run'), 'events').map(({ type }) => type)).not.toContain('warning');
});
