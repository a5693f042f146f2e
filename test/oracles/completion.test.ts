/** Bash itself completes commands, flags, values and files by the script that `gymwire completion bash` prints. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';

const gymwire = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');
let folder: string;
let script: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-completion-'));
  script = join(folder, 'gymwire.bash');
  writeFileSync(script, execFileSync(process.execPath, [gymwire, 'completion', 'bash']));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash offers for the last of these words. */
function offers(...words: string[]): string[] {
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gymwire; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '--noprofile', '-uc', program, 'bash', script, 'gymwire', ...words];
  return execFileSync('bash', args, { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '');
}

describe('bash completes', () => {
  it.each([
    [['tr'], ['train']],
    [['--j'], ['--json']],
    [['--json', 'pre'], ['presets']],
    [['train', '--mo'], ['--mode']],
    [
      ['train', '--mode', ''],
      ['pipelined', 'alternating'],
    ],
    [['train', '--mode', '=', 'p'], ['pipelined']],
    [['train', '--seed', '1', '--no-'], ['--no-normalize-observations']],
    [['train', '--env', 'Hopper'], ['Hopper-v5']],
    [['presets', 'Swi'], ['Swimmer-v5']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('%j to %j', (words, expected) => expect(offers(...words)).toEqual(expected));

  it('leaves files to bash', () => {
    expect(offers('train', '--config', '')).toEqual([]);
    expect(offers('export', 'runs/')).toEqual([]);
    const told = execFileSync('bash', ['--norc', '-c', 'source "$1"; complete -p gymwire', 'bash', script], {
      encoding: 'utf8',
    });
    expect(told.trim()).toBe('complete -o default -F _gymwire gymwire');
  });

  it('runs nothing of what is typed', () => {
    expect(offers('train', '--mode', '$(echo pipelined)')).toEqual([]);
    expect(offers('train', '--env', '`echo Hopper-v5`')).toEqual([]);
  });
});
