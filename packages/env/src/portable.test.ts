import { float32, GymwireError, Scalar, Tuple, type Value } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { packError, packValue, unpackDict, unpackError, unpackValue } from './portable.ts';

/** What a message between threads does. */
const send = (value: Value): Value => unpackValue(structuredClone(packValue(value)));

describe('portable values', () => {
  it('survive a message with their classes', () => {
    const value: Value = {
      nothing: null,
      flags: [true, false],
      numbers: new Tuple([1.5, -0, 2n ** 70n, new Scalar('int64', -3n), new Scalar('float32', 0.5)]),
      text: 'ü',
      bytes: Uint8Array.of(1, 2),
      tensor: { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, 2) },
      kind: { kind: 'dict', entries: [] },
    };
    expect(send(value)).toStrictEqual(value);
  });

  it('send no more of a buffer than the view shows, and share no memory', () => {
    const whole = new Float32Array(1000);
    const packed = packValue({ dtype: 'float32', shape: [2], data: whole.subarray(4, 6) });
    whole.fill(1);
    expect(unpackValue(packed)).toEqual(float32([0, 0]));
    expect(JSON.stringify(packed).length).toBeLessThan(200);
  });

  it('keep keys that objects treat specially', () => {
    expect(Object.keys(unpackDict(packValue(Object.fromEntries([['__proto__', 1]]))))).toEqual(['__proto__']);
  });

  it('refuse what is no value', () => {
    const trap = { go: () => 1 } as object as Value;
    expect(() => packValue(trap)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });
});

describe('portable errors', () => {
  it('keep code, details, stack and causes', () => {
    const inner = new TypeError('no oil');
    const cause = new Error('on fire', { cause: inner });
    const error = new GymwireError('ENV_FAILED', 'step: failed', {
      details: { env: '3' },
      cause,
      origin: 'peer',
    });
    const arrived = unpackError(structuredClone(packError(error)));
    expect(arrived).toBeInstanceOf(GymwireError);
    expect(arrived).toMatchObject({ origin: 'peer' });
    expect(arrived).toMatchObject({ code: 'ENV_FAILED', message: 'step: failed', details: { env: '3' } });
    expect(arrived.stack).toBe(error.stack);
    expect(arrived.cause).toMatchObject({ message: 'on fire', stack: cause.stack });
    expect((arrived.cause as Error).cause).toMatchObject({ name: 'TypeError', message: 'no oil' });
  });

  it('are made of whatever is thrown', () => {
    expect(unpackError(packError('out of oil'))).toMatchObject({ name: 'Error', message: 'out of oil' });
  });

  it('have no stack of ours where what was thrown had none', () => {
    expect(unpackError(packError(undefined)).stack).toBe('Error: undefined was thrown');
    expect(unpackError(packError({ message: 'no error at all' })).stack).not.toMatch(/at .*portable/);
  });

  it('are cut before they travel, whatever an environment puts into them', () => {
    const long = 'ü'.repeat(1e5);
    const cause = new Error(long);
    const details = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}${long}`, long]));
    const error = new GymwireError('BAD_ACTION', long, { details, cause });
    for (const thrown of [error, long, Symbol(long), Object.assign(new Error('x'), { name: long })]) {
      expect(JSON.stringify(packError(thrown)).length).toBeLessThan(250_000);
    }
    const { message, stack } = unpackError(packError(error));
    expect(message).toMatch(/^ü{4000}… \(100000 characters in all\)$/);
    expect(stack).toMatch(/^GymwireError: ü+… \(10\d{4} characters in all\)$/);
  });

  it('are not cut again for the words that were put around them, nor through a character', () => {
    const inner = unpackError(packError(new Error(`${'x'.repeat(3999)}${'😀'.repeat(1e4)}`)));
    const outer = unpackError(packError(new Error(`step: ${inner.message} (my-sim/arm.js:12)`)));
    expect(outer.message).toMatch(/x… \(23999 characters in all\) \(my-sim\/arm.js:12\)$/);
  });
});
