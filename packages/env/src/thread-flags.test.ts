import { describe, expect, it } from 'vitest';
import { inheritedFlags, threadFlags } from './thread-flags.ts';

describe('threadFlags', () => {
  it('leaves it to Node where a program is a file', () => {
    expect(threadFlags(['--expose-gc', '--import', 'tsx'])).toEqual({});
  });

  it.each([[['--input-type=module']], [['--input-type', 'module']]])(
    'keeps loaders only, and never a program’s type or text: %o',
    (type) => {
      const given = [...type, '--expose-gc', '--import', 'tsx', '-C', 'source', '-e', 'start()'];
      expect(threadFlags(given)).toEqual({ execArgv: ['--import', 'tsx', '-C', 'source'] });
    },
  );
});

describe('inheritedFlags', () => {
  it('takes loaders with their values', () => {
    expect(inheritedFlags(['--inspect', '--import=tsx', '-r', 'x', '--no-warnings'])).toEqual([
      '--import=tsx',
      '-r',
      'x',
      '--no-warnings',
    ]);
  });
});
