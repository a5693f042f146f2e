import { GymwireError } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { createCallMetadata, createChannelCredentials } from './client-credentials.ts';
import { type ConnectOptions, resolveConnectOptions } from './connect-options.ts';

describe('resolveConnectOptions', () => {
  it('gives a step the time of any call unless told', () => {
    expect(resolveConnectOptions({})).toMatchObject({ callDeadlineMs: 60_000, stepDeadlineMs: 60_000 });
    expect(resolveConnectOptions({ callDeadlineMs: 7 })).toMatchObject({ stepDeadlineMs: 7 });
    expect(resolveConnectOptions({ callDeadlineMs: 7, stepDeadlineMs: 3 })).toMatchObject({
      stepDeadlineMs: 3,
    });
  });

  it.each<ConnectOptions>([
    { connectTimeoutMs: 0 },
    { callDeadlineMs: 0.5 },
    { stepDeadlineMs: Number.NaN },
    { reconnectTimeoutMs: -1 },
    { reconnectTimeoutMs: 2 ** 31 },
    { maxMessageBytes: 1 },
  ])('refuses %o and names it', (options) => {
    const [name = ''] = Object.keys(options);
    expect(() => resolveConnectOptions(options)).toThrow(new RegExp(`^${name}: expected an integer from`));
  });

  it('draws its jitter from [0, 1)', () => {
    const { jitter } = resolveConnectOptions({});
    const draws = Array.from({ length: 100 }, jitter);
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(new Set(draws).size).toBeGreaterThan(90);
  });
});

describe('a token', () => {
  it('is trimmed and goes into the header', () => {
    expect(createCallMetadata(' abc\n').get('authorization')).toEqual(['Bearer abc']);
    expect(createCallMetadata(undefined).get('authorization')).toEqual([]);
  });

  it.each(['', ' \n', 'two words', 'naïve'])('that fits in no header is refused, unsaid: %j', (token) => {
    expect(() => createCallMetadata(token)).toThrow(
      /^token: expected visible ASCII characters, at least one$/,
    );
  });
});

const address = 'robot.example:50051';

it('certificates and keys that are none are refused', () => {
  expect(() => createChannelCredentials({ certificate: 'x' }, address)).toThrow(/belong together/);
  for (const to of [address, '10.0.0.1:50051']) {
    expect(() => createChannelCredentials({ certificate: 'x', privateKey: 'x' }, to)).toThrow(GymwireError);
  }
});
