import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, parseServerAddress, unixPathOf } from './server-address.ts';

describe('an address on this machine', () => {
  it.each([
    'localhost:50051',
    'LOCALHOST:50051',
    'robot.localhost:1',
    '127.0.0.1:50051',
    '127.8.9.10',
    '[::1]:50051',
    '::1',
    '[::ffff:127.0.0.1]:1',
    'dns:///localhost:50051',
    'dns://8.8.8.8/127.0.0.1:50051',
    'ipv4:127.0.0.1:50051',
    'ipv6:[::1]:50051',
    'unix:/run/robot.sock',
    'unix:///run/robot.sock',
    'unix-abstract:robot',
  ])('is one: %s', (address) => {
    expect(isLoopbackAddress(address)).toBe(true);
  });

  it.each([
    'robot.example:50051',
    '192.168.1.5:50051',
    '[fe80::1]:50051',
    'localhost.example:50051',
    '127.example:50051',
    'dns:///robot.example:50051',
    '1127.0.0.1:50051',
  ])('is none: %s', (address) => {
    expect(isLoopbackAddress(address)).toBe(false);
  });
});

describe('an address of TCP', () => {
  it.each([
    ['127.0.0.1:50051', '127.0.0.1', 50051],
    ['[::1]:0', '::1', 0],
    ['dns:///robot.example:65535', 'robot.example', 65535],
    ['ipv4:10.0.0.1:7', '10.0.0.1', 7],
    ['ipv6:[fe80::1%eth0]:7', 'fe80::1%eth0', 7],
  ])('is read: %s', (text, host, port) => {
    expect(parseServerAddress(text, true)).toEqual({ kind: 'tcp', text, host, port });
  });

  it.each(['', 'localhost', '::1:50051', '[::1]', 'a b:1', 'http://h:1', 'h:65536', 'h:-1', ':1', null, 7])(
    'is refused for what it is: %o',
    (text) => {
      expect(() => parseServerAddress(text, false)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    },
  );
});

describe('an address of a Unix socket', () => {
  it.skipIf(process.platform === 'win32').each([
    ['unix:/run/gym.sock', '/run/gym.sock'],
    ['unix:///run/gym.sock', '/run/gym.sock'],
    ['unix:/run/../run//gym.sock', '/run/gym.sock'],
    ['unix:gym.sock', resolve('gym.sock')],
    ['unix:./a b%20#.sock', resolve('a b%20#.sock')],
  ])('is an absolute path: %s', (text, path) => {
    expect(parseServerAddress(text, false)).toEqual({ kind: 'unix', text: `unix:${path}`, path });
  });

  it('is no address on Windows, whose remedy is a port', () => {
    expect(() => unixPathOf('unix:/run/gym.sock', 'win32')).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringMatching(/give host:port/) }),
    );
  });

  it.skipIf(process.platform === 'win32')('is as long as the system takes, in bytes, and no longer', () => {
    const longest = process.platform === 'linux' ? 107 : 103;
    const path = `/${'é'.repeat((longest - 1) / 2)}`;
    expect(unixPathOf(`unix:${path}`)).toBe(path);
    expect(() => unixPathOf(`unix:${path}x`)).toThrow(`may have ${longest} bytes`);
  });
});
