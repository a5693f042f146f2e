import { describe, expect, it } from 'vitest';
import { connect } from '../../env-client/connection.ts';
import { evaluatePolicy } from '../../evaluation/evaluate-policy.ts';
import { resolveTrainOptions } from '../../options/resolve-options.ts';
import { readRunPolicy, readRunSummary } from '../../run-folder/run-files.ts';
import { train } from '../train.ts';

const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });
const options = { envId: 'Pendulum-v1' };
const server = '127.0.0.1:1';

describe('a request as JavaScript may write it', () => {
  it.each<readonly [unknown, string]>([
    [
      undefined,
      "train: expected options such as { server: '127.0.0.1:50051', options: { envId } }, got nothing",
    ],
    [
      { server: 50051, options },
      "server: expected an address such as '127.0.0.1:50051', alone or as { address, token }, got 50051",
    ],
    [{ server: { host: 'a', port: 1 }, options }, 'got an object with host, port'],
    [{ server: { address: server, shutdown: 1 }, options }, 'got a server: give its address, server.address'],
    [
      { connection: server, options },
      `connection: expected what connect returned, got "${server}"; give an address as server`,
    ],
    [
      { server, options, signal: new AbortController() },
      'signal: expected an AbortSignal, got an object of the class AbortController: give its signal, controller.signal',
    ],
    [{ server, options, onProgress: 'x' }, 'onProgress: expected a function, got "x"'],
    [
      { server, options, resume: 'runs/cart' },
      'resume: expected true or false, got "runs/cart"; the folder is runFolder',
    ],
    [{ server, options, takeOver: 1 }, 'takeOver: expected true or false, got 1'],
    [{ server, options, runFolder: 5 }, 'runFolder: expected a path, got 5'],
    [{ server, options, runfolder: 'x' }, 'train takes no "runfolder": did you mean runFolder?'],
    [{ server, options: 'Pendulum-v1' }, 'options: expected an object with envId, got "Pendulum-v1"'],
    [{ server, envId: 'Pendulum-v1' }, 'train takes no "envId": it belongs into options'],
  ])('is refused where it says what cannot be: %o', async (request, message) => {
    await expect(train(request as never)).rejects.toThrow(refusal('INVALID_OPTION', message));
  });

  it('is refused by evaluatePolicy in the same words', async () => {
    for (const [request, message] of [
      [undefined, 'evaluatePolicy: expected options such as'],
      [{ server: 50051, policy: {} }, "server: expected an address such as '127.0.0.1:50051'"],
      [{ server, policy: {}, signal: 'x' }, 'signal: expected an AbortSignal, got "x"'],
    ] as const) {
      await expect(evaluatePolicy(request as never)).rejects.toThrow(refusal('INVALID_OPTION', message));
    }
  });
});

describe('options that cannot be', () => {
  it.each<readonly [object, RegExp]>([
    [{}, /^envId: expected string, got nothing$/],
    [{ ...options, gamma: '0.9' }, /^gamma: expected a number from 0 to 1, got "0.9"$/],
    [{ ...options, gamma: Number.NaN }, /^gamma: expected a number from 0 to 1, got NaN$/],
    [{ ...options, seed: 'abc' }, /^seed: expected a whole number at least 0, got "abc"$/],
    [{ ...options, batchSize: null }, /^batchSize: expected a whole number at least 1, got null$/],
    [{ ...options, tau: '1' }, /^tau: expected a number above 0 and at most 1, got "1"$/],
    [
      { ...options, totalEnvStep: 5, gama: 1 },
      /^options\.totalEnvStep is no option \(did you mean totalEnvSteps\?\); options\.gama is no option \(did you mean gamma\?\)$/,
    ],
  ])('are told once: %o', (given, message) => {
    expect(() => resolveTrainOptions(given)).toThrow(message);
  });
});

describe('connect', () => {
  it.each<readonly [unknown, unknown, string]>([
    [
      50051,
      undefined,
      'server address: expected host:port such as 127.0.0.1:50051, or unix:/path/of/a.sock, got 50051',
    ],
    [
      { address: server },
      undefined,
      'got an object with address; options come second: connect(address, { token })',
    ],
    [server, { tokn: 'x' }, 'connect takes no "tokn": did you mean token?'],
    [server, { tls: { caa: 'x' } }, 'tls takes no "caa": did you mean ca?'],
    [server, { tls: true }, 'tls: expected options such as { ca }, got true'],
    [server, 'secret', 'connect: expected options such as { token }, got "secret"'],
    [server, { callDeadlineMs: '5' }, 'callDeadlineMs: expected an integer from 1 to 2147483647, got "5"'],
  ])('refuses %o, %o', async (address, more, message) => {
    await expect(connect(address as never, more as never)).rejects.toThrow(
      refusal('INVALID_ARGUMENT', message),
    );
  });
});

describe('a run that is read', () => {
  it('has two policies, and is in a folder', async () => {
    await expect(readRunPolicy('runs/a', 'best' as never)).rejects.toThrow(
      refusal('INVALID_OPTION', 'file: expected bestPolicy or lastPolicy, got "best"'),
    );
    for (const read of [readRunSummary(undefined as never), readRunPolicy(5 as never, 'bestPolicy')]) {
      await expect(read).rejects.toThrow(
        refusal('INVALID_OPTION', "folder: expected the path of a run's folder, got"),
      );
    }
  });
});
