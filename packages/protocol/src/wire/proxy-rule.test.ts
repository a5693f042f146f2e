import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, proxyOptions } from './proxy-rule.ts';

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

describe('a proxy', () => {
  const uses = (address: string, environment: Readonly<Record<string, string>>) =>
    proxyOptions(address, environment)['grpc.enable_http_proxy'] === 1;

  it('is used where grpc_proxy names it, and never for loopback', () => {
    const environment = { grpc_proxy: 'http://proxy:3128' };
    expect(uses('robot.example:50051', environment)).toBe(true);
    expect(uses('127.0.0.1:50051', environment)).toBe(false);
    expect(uses('localhost:50051', environment)).toBe(false);
    expect(uses('robot.example:50051', { grpc_proxy: '' })).toBe(false);
  });

  it('is not used because the web has one', () => {
    const environment = { http_proxy: 'http://proxy:3128', https_proxy: 'http://proxy:3128' };
    expect(uses('robot.example:50051', environment)).toBe(false);
    expect(uses('127.0.0.1:50051', environment)).toBe(false);
  });
});
