import { describe, expect, it } from 'vitest';
import { flopsPerUpdate } from './sizes.ts';

describe('flopsPerUpdate', () => {
  it('counts the products of the smallest networks as by hand', () => {
    // Actor 1-1-1: 2 products; critic 2-1-1: a first layer of 2 inputs, a last of 1: 3 multiply-adds, 1 row.
    // Critics: target actor 2, four values 4·3, gradients of weights 2·3 and of hidden units 2·1.
    const critics = 2 + 12 + 6 + 2;
    // Policy: actor 2, value 3, towards the action 1 and the hidden unit 1, actor's gradients 2 + 1.
    const policy = 2 + 3 + 1 + 1 + 2 + 1;
    const sizes = { observationSize: 1, actionSize: 1, hiddenSizes: [1], batchSize: 1 };
    expect(flopsPerUpdate(sizes)).toBe(2 * (critics + policy / 2));
  });
});
