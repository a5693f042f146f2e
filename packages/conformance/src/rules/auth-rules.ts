import { Metadata } from '@grpc/grpc-js';
import { protocolVersion } from '@gymwire/protocol';
import { methods } from '../client/raw-client.ts';
import { envId } from '../conformance-env.ts';
import { expectAccepted, expectRefusal, expectThat } from '../expectations.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';
import { healthCheck } from './service-rules.ts';

const section = 'Who may call: tokens and TLS';

function authorization(value: string | undefined): Metadata {
  const metadata = new Metadata();
  if (value !== undefined) metadata.set('authorization', value);
  return metadata;
}

/** Every way in; a stream breaks. */
async function expectLocked(probe: Probe, value: string | undefined, what: string): Promise<void> {
  const metadata = authorization(value);
  const calls: ReadonlyArray<readonly [string, () => Promise<unknown>]> = [
    ['Handshake', () => probe.call(methods.Handshake, { protocolVersion, client: 'kit' }, metadata)],
    ['ListEnvs', () => probe.call(methods.ListEnvs, {}, metadata)],
    ['MakeSession', () => probe.call(methods.MakeSession, { envId }, metadata)],
    ['CloseSession', () => probe.call(methods.CloseSession, { sessionId: 'x' }, metadata)],
    ['Interact', () => probe.interact(metadata).exchange({ attach: { sessionId: 'x' } })],
  ];
  for (const [method, call] of calls)
    await expectRefusal(call(), 'UNAUTHENTICATED', `${method} with ${what}`);
}

export const authRules: readonly Rule[] = [
  {
    id: 'auth.no-token',
    about: 'server',
    requires: 'every call without a token is UNAUTHENTICATED',
    section,
    needsToken: true,
    check: (probe) => expectLocked(probe, undefined, 'no token'),
  },
  {
    id: 'auth.wrong-token',
    about: 'server',
    requires: 'every call with another token is UNAUTHENTICATED, and the message does not say why',
    section,
    needsToken: true,
    async check(probe) {
      const token = probe.token ?? '';
      const other = `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`;
      for (const value of [`Bearer ${other}`, `Bearer ${token}x`, `Basic ${token}`, 'Bearer ']) {
        await expectLocked(probe, value, 'another token');
      }
      const refusals: string[] = [];
      for (const value of [undefined, `Bearer ${other}`]) {
        const call = probe.call(methods.ListEnvs, {}, authorization(value));
        refusals.push((await expectRefusal(call, 'UNAUTHENTICATED', 'ListEnvs')).message);
      }
      expectThat(refusals[0] === refusals[1], `the messages differ: ${refusals.join(' / ')}`);
    },
  },
  {
    id: 'auth.health-open',
    about: 'server',
    requires: 'grpc.health.v1 needs no token',
    section,
    needsToken: true,
    async check(probe) {
      await expectAccepted(probe.call(healthCheck, '', new Metadata()), 'a health check without token');
    },
  },
];
