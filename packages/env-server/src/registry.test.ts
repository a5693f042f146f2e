import type { EnvRegistration } from '@gymwire/env';
import type { ErrorCode } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { createEnvRegistry } from './registry.ts';

const isError = (code: ErrorCode, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const make = () => {
  throw new Error('not here');
};
const module = { url: import.meta.url, exportName: 'arm' };

describe('a registration that is isolated', () => {
  it('is refused when it is a closure without a module, with the reason and what to do', () => {
    for (const isolate of ['worker', 'process'] as const) {
      expect(() => createEnvRegistry([{ id: 'Arm-v0', make, isolate }])).toThrow(
        isError(
          'INVALID_ARGUMENT',
          /^Arm-v0: isolate: a (worker|process) imports the registration anew.*module: \{ url: import\.meta\.url/,
        ),
      );
    }
    createEnvRegistry([{ id: 'Arm-v0', make, isolate: 'process', module }]);
  });

  it.each<readonly [Partial<EnvRegistration>, RegExp]>([
    [{ isolate: 'thread' as 'worker', module }, /isolate: expected one of worker, process, got "thread"/],
    [{ maxMemoryMb: 100 }, /maxMemoryMb: only an isolated session's memory can be limited/],
    [{ isolate: 'process', module, maxMemoryMb: 0 }, /maxMemoryMb: expected an integer from 1/],
  ])('is refused when it asks for what there is not: %o', (parts, message) => {
    expect(() => createEnvRegistry([{ id: 'Arm-v0', make, ...parts }])).toThrow(
      isError('INVALID_ARGUMENT', message),
    );
  });
});
