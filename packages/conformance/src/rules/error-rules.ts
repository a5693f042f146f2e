import { status } from '@grpc/grpc-js';
import { encodeSessionOptions, wireErrorStatus } from '@gymwire/protocol/wire';
import { methods } from '../client/raw-client.ts';
import { Refusal } from '../client/refusal.ts';
import { action, command, envId, failMessages } from '../conformance-env.ts';
import { expectAccepted, expectRefusal, expectSame, expectThat } from '../expectations.ts';
import { countsOfSingle } from '../played-replies.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';
import { Broken } from '../verdicts.ts';

const section = 'Errors';

/** Unary calls that fail, each with another code where that is easy. */
async function failures(probe: Probe): Promise<ReadonlyArray<readonly [string, Refusal]>> {
  const session = await probe.make({ outOfBoundsRule: 'reject' });
  const calls: ReadonlyArray<readonly [keyof typeof wireErrorStatus, () => Promise<unknown>]> = [
    ['UNKNOWN_ENV', () => probe.makeBy({ envId: 'Nothing-v0' })],
    ['UNKNOWN_ARGUMENT', () => probe.make({ arguments: { nothing: 1n } })],
    ['INVALID_ARGUMENT', () => probe.make({ arguments: { info: 1n } })],
    ['UNSUPPORTED', () => probe.make({ renderMode: 'human' })],
    ['SESSION_GONE', () => probe.call(methods.Reset, { sessionId: 'no-such-session' })],
    ['NOT_RESET', () => session.step(action(0), { by: 'unary' })],
    ['BAD_SEQUENCE', () => session.reset({}, { by: 'unary', sequence: 9 })],
    [
      'MALFORMED',
      async () => {
        await session.reset({}, { by: 'unary' });
        await session.stepBy({}, { by: 'unary' });
      },
    ],
    ['BAD_ACTION', () => session.step(0, { by: 'unary' })],
    ['NON_FINITE_ACTION', () => session.step(action(Number.NaN), { by: 'unary' })],
    ['ACTION_OUT_OF_BOUNDS', () => session.step(action(2), { by: 'unary' })],
    ['ENV_FAILED', () => session.step(action(0, command.fail), { by: 'unary' })],
  ];
  const seen: Array<readonly [string, Refusal]> = [];
  for (const [code, call] of calls) {
    try {
      await call();
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      seen.push([code, thrown]);
    }
  }
  return seen;
}

export const errorRules: readonly Rule[] = [
  {
    id: 'errors.status',
    requires: 'a unary call fails with the gRPC status of its code',
    section,
    async check(probe) {
      for (const [code, refusal] of await failures(probe)) {
        const expected = wireErrorStatus[code as keyof typeof wireErrorStatus];
        const got = refusal.status === undefined ? 'none' : status[refusal.status];
        expectThat(
          refusal.status === expected,
          `${code}: expected the status ${status[expected]}, got ${got}`,
        );
      }
    },
  },
  {
    id: 'errors.trailer',
    requires: 'a unary call that fails has the whole error in the trailing metadata gymwire-error-bin',
    section,
    async check(probe) {
      const seen = await failures(probe);
      expectThat(seen.length > 0, 'no call failed');
      for (const [code, { carried }] of seen) {
        if (carried === undefined) throw new Broken(`${code}: no error in gymwire-error-bin`);
        expectSame(carried.code, code, 'code in gymwire-error-bin');
        expectThat(carried.message !== '', `${code}: the error has no message`);
      }
    },
  },
  {
    id: 'errors.status-text',
    requires: 'the status text of a unary call that fails is CODE: message',
    section,
    async check(probe) {
      for (const [code, { text }] of await failures(probe)) {
        expectThat(
          text.startsWith(`${code}: `),
          `expected a status text that begins with ${code}: — got ${text}`,
        );
      }
    },
  },
  {
    id: 'errors.details',
    requires: 'errors about arguments name the argument in the details',
    section,
    async check(probe) {
      for (const [name, value] of [
        ['gravity', 1],
        ['terminate_after', 'x'],
      ] as const) {
        const made = probe.make({ arguments: { [name]: value } });
        const refusal = await made.then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        // Whether it is refused, and whether an error comes along, is for other rules.
        if (!(refusal instanceof Refusal) || refusal.carried === undefined) continue;
        expectSame(refusal.carried.details.argument, name, `argument in the details of ${refusal.code}`);
      }
    },
  },
  {
    id: 'errors.env-failed',
    requires: 'a simulator’s exception is ENV_FAILED with its message, then NOT_RESET until a reset',
    section,
    async check(probe) {
      const session = await probe.make();
      await session.reset();
      const { message } = await expectRefusal(
        session.step(action(0, command.fail)),
        'ENV_FAILED',
        'command 4',
      );
      expectThat(
        message.includes(failMessages.step),
        `the message should have the simulator's own: ${message}`,
      );
      await expectRefusal(session.step(action(0)), 'NOT_RESET', 'a step after the failure');
      await expectAccepted(session.reset(), 'a reset after the failure');
      const { steps } = countsOfSingle((await session.step(action(0))).observation);
      expectSame(steps, 2, 'steps: the one that failed, and the one after the reset');
    },
  },
  {
    id: 'errors.reset-failed',
    requires: 'an exception in a reset is ENV_FAILED with its message, then NOT_RESET until one succeeds',
    section,
    async check(probe) {
      const session = await probe.make();
      await session.reset();
      const failing = session.reset({ options: { fail: true } });
      const { message } = await expectRefusal(failing, 'ENV_FAILED', 'a reset with the option fail');
      expectThat(
        message.includes(failMessages.reset),
        `the message should have the simulator's own: ${message}`,
      );
      await expectRefusal(session.step(action(0)), 'NOT_RESET', 'a step after the failed reset');
      await expectAccepted(session.reset(), 'a reset after the failed one');
    },
  },
  {
    id: 'errors.non-finite-observation',
    requires: 'a NaN in an observation or reward is NON_FINITE_OBSERVATION, then NOT_RESET until a reset',
    section,
    async check(probe) {
      for (const what of [command.badObservation, command.badReward]) {
        const session = await probe.make();
        await session.reset();
        await expectRefusal(session.step(action(0, what)), 'NON_FINITE_OBSERVATION', `command ${what}`);
        await expectRefusal(session.step(action(0)), 'NOT_RESET', `a step after command ${what}`);
        await expectAccepted(session.reset(), `a reset after command ${what}`);
      }
    },
  },
  {
    id: 'errors.foreign-observation',
    requires: 'an observation outside its space is ENV_FAILED',
    section,
    async check(probe) {
      const session = await probe.make();
      await session.reset();
      await expectRefusal(session.step(action(0, command.foreignObservation)), 'ENV_FAILED', 'command 7');
    },
  },
  {
    id: 'errors.undecodable',
    requires: 'a unary call whose message cannot be decoded is MALFORMED',
    section,
    async check(probe) {
      const garbage = { requestSerialize: () => Buffer.from('0fff', 'hex') };
      const { Handshake, ListEnvs, MakeSession, Reset, Step, Render, CloseSession } = methods;
      for (const method of [Handshake, ListEnvs, MakeSession, Reset, Step, Render, CloseSession]) {
        const call = probe.call<object, unknown>({ ...method, ...garbage }, {});
        await expectRefusal(call, 'MALFORMED', `${method.path} with bytes that are no message`);
      }
    },
  },
  {
    id: 'errors.long',
    requires: 'an error about something very long still arrives, and the connection lives on',
    section,
    async check(probe) {
      const made = probe.makeBy(encodeSessionOptions({ envId: `${envId}${'x'.repeat(100_000)}` }));
      const refusal = await made.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expectThat(refusal instanceof Refusal && refusal.code !== '', 'expected a coded error');
      await expectAccepted(probe.handshake(), 'a call afterwards');
    },
  },
];
