import { describe, expect, it } from 'vitest';
import { messageOf } from './thrown.ts';

const evil = () => {
  throw new Error('evil');
};

describe('messageOf', () => {
  it.each([
    [new TypeError('no oil'), 'no oil'],
    [new TypeError(), 'TypeError without a message'],
    ['out of oil', 'out of oil'],
    [undefined, 'undefined was thrown'],
    [null, 'null was thrown'],
    [Symbol('x'), 'Symbol(x) was thrown'],
    [7n, '7 was thrown'],
    [{ message: 'from another realm' }, 'from another realm'],
    [Object.create(null), 'an object without a message was thrown'],
    [{ toString: evil }, 'an object without a message was thrown'],
    [Object.defineProperty(new Error('x'), 'message', { get: evil }), /cannot be read/],
    [new Proxy({}, { get: evil, getPrototypeOf: evil, ownKeys: evil }), /cannot be read/],
  ])('says something of %#', (thrown, said) => {
    expect(messageOf(thrown)).toMatch(said);
  });
});
