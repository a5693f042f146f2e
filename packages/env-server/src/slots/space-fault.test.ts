import { box } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { spaceFault } from './space-fault.ts';

describe('what is no space is told by field', () => {
  const low = box([0], [1]).low;

  it.each<[unknown, string]>([
    [undefined, 'actionSpace: expected a space, such as box(low, high), got nothing'],
    [3, 'actionSpace: expected a space, such as box(low, high), got the number 3'],
    [{ low, high: low }, 'actionSpace.type: expected one of box, discrete, '],
    [{ type: 'Box', low, high: low }, 'actionSpace.type: expected one of box, discrete, '],
    [{ type: 'discrete', n: 3 }, 'actionSpace.start: expected an integer, such as 0n, got nothing'],
    [
      { type: 'discrete', n: 3n, start: 0n },
      "actionSpace.dtype: expected a dtype, such as 'int64', got nothing",
    ],
    [
      { type: 'box', low: [0], high: [1] },
      'actionSpace.low: expected a tensor (box(low, high) makes a Box), got an array',
    ],
    [
      { type: 'box', low, high: box([0, 0], [1, 1]).high },
      'actionSpace: low is float32 [1] but high is float32 [2]',
    ],
    [
      { type: 'dict', entries: { a: box([0], [1]) } },
      'actionSpace.entries: expected a list of [key, space], got an object',
    ],
    [
      { type: 'dict', entries: [['a', { type: 'tuple', spaces: [null] }]] },
      'actionSpace.a[0]: expected a space, such as box(low, high), got null',
    ],
    [
      { type: 'text', minLength: 0, maxLength: -1, charset: 'a' },
      'actionSpace.maxLength: expected a number of characters, got the number -1',
    ],
  ])('%#: %o', (space, message) => expect(spaceFault(space, 'actionSpace')).toContain(message));

  it('one inside itself', () => {
    const spaces: unknown[] = [];
    const endless = { type: 'tuple', spaces };
    spaces.push(endless);
    expect(spaceFault(endless, 'x')).toContain('spaces nest at most 32 levels deep');
  });

  it('and nothing of what is one', () => {
    const inner = { type: 'discrete', n: 3n, start: 0n, dtype: 'int64' };
    expect(
      spaceFault(
        {
          type: 'dict',
          entries: [
            ['a', inner],
            ['b', box([0], [1])],
          ],
        },
        'x',
      ),
    ).toBeUndefined();
  });
});
