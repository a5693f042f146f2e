/** The model files are Gymnasium's, byte for byte. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gymnasiumTasks } from '../mujoco/gymnasium/gymnasium-tasks.ts';

const folder = new URL('../../assets/gymnasium/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, folder));

it('has the files that its checksums were made of, and no others', () => {
  const listed = read('SHA256SUMS').toString('utf8').trim().split('\n');
  const actual = readdirSync(folder)
    .filter((file) => file.endsWith('.xml'))
    .sort()
    .map((file) => `${createHash('sha256').update(read(file)).digest('hex')}  ${file}`);
  expect(actual).toEqual(listed);
});

it('has one for each task, with their licence and source', () => {
  const files = readdirSync(folder);
  expect(files).toEqual(expect.arrayContaining(gymnasiumTasks.map((task) => task.modelFile)));
  expect(read('LICENSE').toString('utf8')).toContain('MIT License');
  expect(read('SOURCE.md').toString('utf8')).toContain('`gymnasium` 1.4.0');
});
