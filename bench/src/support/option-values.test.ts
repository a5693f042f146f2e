import { describe, expect, it, vi } from 'vitest';
import { HelpShown, OptionError, parseOnce } from './option-values.ts';

const bench = {
  name: 'speed',
  summary: 'How fast it is.',
  operands: '<thing>…',
  options: {
    steps: { type: 'string', default: '10', what: 'steps of each' },
    only: { type: 'string', multiple: true, what: 'things to measure' },
    save: { type: 'boolean', default: false, what: 'keep the table' },
  },
} as const;
const parse = (line: string) => parseOnce({ ...bench, args: line.split(' ') }).values;

describe('the options of a bench', () => {
  it('are refused when they are given twice, unless they may be repeated', () => {
    expect(parse('--steps 1 --only a --only b')).toMatchObject({ steps: '1', only: ['a', 'b'] });
    expect(() => parse('--steps 1 --steps 2')).toThrow(new OptionError('--steps was given twice'));
    expect(() => parse('--stops 1')).toThrow(OptionError);
  });

  it('are told by --help, whatever else was given', () => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(() => parse('--stops 1 --help')).toThrow(HelpShown);
    expect(print.mock.calls.flat().join('')).toBe(
      [
        'npm run bench -- speed <thing>… [options]',
        '',
        'How fast it is.',
        '',
        '  --steps <value>  steps of each (10)',
        '  --only <value>   things to measure',
        '  --save           keep the table',
        '  --help           this',
      ].join('\n'),
    );
    print.mockRestore();
  });
});
