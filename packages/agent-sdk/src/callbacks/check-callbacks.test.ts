import { describe, expect, it } from 'vitest';
import { checkCallbackState } from './callback-state.ts';
import { checkCallbacks } from './check-callbacks.ts';
import { checkpoint, evaluation, everySteps } from './every-steps.ts';
import { stopOnNoImprovement, stopOnReward } from './stop-callbacks.ts';

const invalid = (message: string | RegExp) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) as string });

describe('callbacks as they are given', () => {
  it('may be the ready ones, together, and of a class with more than is asked for', () => {
    class Plotter {
      readonly name = 'plotter';
      readonly paper = 'A4';
      onEvaluation() {
        return this.paper;
      }
    }
    const ready = [
      evaluation({ everySteps: 5 }),
      checkpoint({ everySteps: 5 }),
      stopOnReward(3),
      stopOnNoImprovement({ patience: 3 }),
      everySteps(5, () => undefined),
      everySteps(6, () => undefined),
      new Plotter(),
    ];
    expect(() => checkCallbacks(ready)).not.toThrow();
    expect(() => checkCallbacks(undefined)).not.toThrow();
  });

  it.each<[string, unknown, RegExp]>([
    ['no array', { name: 'a' }, /^callbacks: expected an array of callbacks, got/],
    ['no object', ['a'], /^callbacks\[0\]: expected an object such as/],
    ['without a name', [{ onStep: () => undefined }], /^callbacks\[0\]\.name: expected a letter/],
    ['with an odd name', [{ name: 'a b' }], /^callbacks\[0\]\.name: expected a letter/],
    [
      'twice the same name',
      [{ name: 'a' }, { name: 'a' }],
      /^callbacks\[1\]\.name: "a": another callback has this name/,
    ],
    ['with the name of an option', [{ name: 'stopAtReturn' }], /an option of the run has this name/],
    ['with a misspelt method', [{ name: 'a', onEvaluate: () => undefined }], /onEvaluate.*onEvaluation/],
    [
      'with a method that is none',
      [{ name: 'a', onStep: 1 }],
      /^callbacks\[0\] \("a"\)\.onStep: expected a function, got 1/,
    ],
    ['with an interval alone', [{ name: 'a', interval: 5 }], /interval and onInterval go together/],
    ['with a zero interval', [everySteps(0, () => undefined, 'a')], /\.interval: expected a whole number/],
    ['with a restore alone', [{ name: 'a', restore: () => undefined }], /restore takes what state\(\) gave/],
    ['with an odd usesClock', [{ name: 'a', usesClock: 1 }], /usesClock: expected true or false, got 1/],
  ])('are refused: %s', (_, callbacks, message) => {
    expect(() => checkCallbacks(callbacks)).toThrow(invalid(message));
  });

  it('ready ones take sensible settings only', () => {
    expect(() => stopOnReward(Number.NaN)).toThrow(invalid(/stopOnReward: expected a finite return/));
    expect(() => stopOnNoImprovement({ patience: 0 })).toThrow(
      invalid(/patience: expected a whole number from 1/),
    );
    expect(() => stopOnNoImprovement({ patience: 1, minImprovement: -1 })).toThrow(invalid(/minImprovement/));
    expect(() => stopOnNoImprovement({ patience: 1, minEvaluations: 0.5 })).toThrow(
      invalid(/minEvaluations/),
    );
  });
});

describe('what a callback may keep', () => {
  it('is all that a checkpoint gives back', () => {
    const state = {
      nothing: null,
      texts: ['a', true, 1.5],
      weights: new Float32Array(3),
      deep: { counts: Int32Array.of(1) },
    };
    expect(() => checkCallbackState('a', state)).not.toThrow();
  });

  const deep = Array.from({ length: 40 }).reduce((inner) => [inner], 1);
  it.each<[string, unknown, RegExp]>([
    [
      'a number that is not finite',
      { loss: Number.NaN },
      /"a": state\(\)\.loss: expected a finite number, got NaN/,
    ],
    ['nothing', undefined, /"a": state\(\): expected null, a boolean/],
    ['a field that is nothing', { x: undefined }, /state\(\)\.x: expected null/],
    ['a date', { at: new Date(0) }, /state\(\)\.at: expected null/],
    ['a map', [new Map()], /state\(\)\[0\]: expected null/],
    ['an array of 64-bit integers', new BigInt64Array(1), /state\(\): expected null/],
    ['a name that files use themselves', { $array: 0 }, /expected other names than \$array/],
    ['too much', new Uint8Array(17 * 2 ** 20), /expected at most 16777216 bytes/],
    ['too deep', deep, /expected at most 32 levels/],
  ])('is not %s', (_, state, message) => {
    expect(() => checkCallbackState('a', state)).toThrow(
      expect.objectContaining({ code: 'INVALID_STATE', message: expect.stringMatching(message) as string }),
    );
  });
});
