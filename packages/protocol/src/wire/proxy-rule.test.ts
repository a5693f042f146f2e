import { describe, expect, it } from 'vitest';
import { proxyOptions } from './proxy-rule.ts';

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
