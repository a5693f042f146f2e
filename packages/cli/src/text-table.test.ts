import { expect, it } from 'vitest';
import { formatColumns, formatDuration, printable } from './text-table.ts';

it('sets columns as wide as their widest cell', () => {
  expect(
    formatColumns([
      { a: '1', long: 'x' },
      { a: '222', long: '' },
    ]),
  ).toEqual(['a    long', '1    x', '222']);
  expect(formatColumns([])).toEqual(['']);
  expect(formatColumns([{ a: '1', number: '9' }], new Set(['number']))).toEqual(['a  number', '1       9']);
});

it('says how long something took in the largest unit that it fills', () => {
  expect([0, 999, 1000, 59_999, 60_000, 7_200_000, 180_000_000].map(formatDuration)).toEqual([
    '0 ms',
    '999 ms',
    '1 s',
    '59 s',
    '1 min',
    '2 h',
    '2 d',
  ]);
});

it('shows a stranger’s text without what a terminal would obey', () => {
  expect(printable('\u001b[31mred\u0007\r\n\u202eevil')).toBe('?[31mred????evil');
  expect(printable('x'.repeat(50), 40)).toBe(`${'x'.repeat(39)}…`);
});
