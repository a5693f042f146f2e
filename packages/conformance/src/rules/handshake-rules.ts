import { methods } from '../client/raw-client.ts';
import { expectAccepted, expectRefusal, expectThat } from '../expectations.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';

const section = 'A client’s walk';

const greet = (probe: Probe, protocolVersion: { major: number; minor: number } | null) =>
  probe.call(methods.Handshake, { protocolVersion, client: 'gymwire-conformance' });

export const handshakeRules: readonly Rule[] = [
  {
    id: 'handshake.reply',
    about: 'server',
    requires: 'names the protocol version 1.x, the server and its caps',
    section,
    async check(probe) {
      const reply = await probe.handshake();
      const { protocolVersion, server, capabilities, maxMessageBytes, maxNumEnvs, capacity } = reply;
      expectThat(
        protocolVersion?.major === 1,
        `protocol_version: expected major 1, got ${protocolVersion?.major}`,
      );
      expectThat(server !== '', 'server: expected a name, got an empty string');
      expectThat(maxMessageBytes > 0, 'max_message_bytes: expected a number above 0');
      expectThat(maxNumEnvs > 0, 'max_num_envs: expected a number above 0');
      expectThat(capacity !== 0, 'capacity: expected a number above 0, or none');
      expectThat(new Set(capabilities).size === capabilities.length, 'capabilities: one is named twice');
    },
  },
  {
    id: 'handshake.major-mismatch',
    about: 'server',
    requires: 'refuses another major version with VERSION_MISMATCH, naming both versions',
    section,
    async check(probe) {
      for (const major of [2, 99]) {
        const { message } = await expectRefusal(
          greet(probe, { major, minor: 3 }),
          'VERSION_MISMATCH',
          `a client of version ${major}.3`,
        );
        for (const version of [`${major}.3`, '1.']) {
          expectThat(message.includes(version), `the message should name ${version}: ${message}`);
        }
      }
      await expectRefusal(greet(probe, null), 'VERSION_MISMATCH', 'a client that names no version');
    },
  },
  {
    id: 'handshake.minor-skew',
    about: 'server',
    requires: 'accepts lower and higher minor versions',
    section,
    async check(probe) {
      for (const minor of [0, 4000]) {
        await expectAccepted(greet(probe, { major: 1, minor }), `a client of version 1.${minor}`);
      }
    },
  },
];
