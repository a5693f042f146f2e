import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { methods } from '../client/raw-client.ts';
import { Refusal } from '../client/refusal.ts';
import { envId } from '../conformance-env.ts';
import { expectAccepted, expectRefusal, expectThat } from '../expectations.ts';
import type { PlayedSession } from '../played-session.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';
import { Broken, NotExercised } from '../verdicts.ts';

const section = 'Limits';

/** Makes sessions until the server takes no more. @returns them, and why there are no more */
async function fill(probe: Probe): Promise<{ sessions: PlayedSession[]; refusal: Refusal }> {
  const sessions: PlayedSession[] = [];
  while (sessions.length < probe.limits.maxSessions) {
    try {
      const session = await probe.make();
      sessions.push(session);
      // Else the first ones are idle for too long where it takes long to make them all. Whether streams work is another rule.
      await session.attach().catch(() => undefined);
    } catch (thrown) {
      if (thrown instanceof Refusal) return { sessions, refusal: thrown };
      throw thrown;
    }
  }
  throw new NotExercised(`the server took ${sessions.length} sessions; its cap was not reached`);
}

/** Places may be freed a moment after the close was answered. */
async function makeSoon(probe: Probe): Promise<void> {
  for (;;) {
    try {
      await probe.make();
      return;
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || thrown.code !== 'CAPACITY') throw thrown;
      await sleep(50);
    }
  }
}

async function idleTimeout(probe: Probe): Promise<number> {
  const { idleTimeoutMs } = await probe.describe();
  const most = probe.limits.maxIdleTimeoutMs;
  if (idleTimeoutMs <= most) return idleTimeoutMs;
  throw new NotExercised(`the idle timeout is ${idleTimeoutMs} ms; the kit waits for at most ${most} ms`);
}

export const limitRules: readonly Rule[] = [
  {
    id: 'limits.num-envs',
    requires: 'num_envs of 0, and above the cap that the handshake tells, is INVALID_ARGUMENT',
    section: 'Errors',
    async check(probe) {
      const { maxNumEnvs } = await probe.handshake();
      for (const numEnvs of [0, maxNumEnvs + 1]) {
        await expectRefusal(probe.makeBy({ envId, numEnvs }), 'INVALID_ARGUMENT', `num_envs ${numEnvs}`);
      }
    },
  },
  {
    id: 'limits.sessions',
    requires: 'one session above the cap is CAPACITY, and a close frees a place',
    section,
    patience: 12,
    async check(probe) {
      const { sessions, refusal } = await fill(probe);
      const what = `session ${sessions.length + 1}`;
      await expectRefusal(Promise.reject(refusal), 'CAPACITY', what);
      await sessions[0]?.close();
      await makeSoon(probe);
    },
  },
  {
    id: 'limits.message-size',
    requires: 'refuses a message above its limit, and goes on',
    section,
    patience: 3,
    async check(probe) {
      const { maxMessageBytes } = await probe.handshake();
      const most = probe.limits.maxMessageBytes;
      if (maxMessageBytes > most) {
        throw new NotExercised(`the limit is ${maxMessageBytes} bytes; the kit sends at most ${most}`);
      }
      const large = { sessionId: 'x', action: { bytes: Buffer.alloc(maxMessageBytes + 1024) } };
      const refusal = await probe.call(methods.Step, large).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expectThat(refusal instanceof Refusal, 'a message above the limit: expected it to be refused');
      if (refusal.status !== status.RESOURCE_EXHAUSTED) {
        throw new Broken(`a message above the limit: expected RESOURCE_EXHAUSTED, got ${refusal.message}`);
      }
      await expectAccepted(probe.handshake(), 'a call afterwards');
    },
  },
  {
    id: 'limits.idle-closed',
    requires: 'a session without stream and calls is closed after idle_timeout_ms',
    section: 'Whose session it is',
    isBackground: true,
    patience: 4,
    async check(probe) {
      const timeoutMs = await idleTimeout(probe);
      const session = await probe.make();
      await session.reset({}, { by: 'unary' });
      await sleep(1.5 * timeoutMs + 500);
      await expectRefusal(
        session.reset({}, { by: 'unary' }),
        'SESSION_GONE',
        `a reset after ${1.5 * timeoutMs + 500} ms`,
      );
    },
  },
  {
    id: 'limits.idle-held',
    requires: 'a session with a stream lives on, however long the client thinks',
    section: 'Whose session it is',
    isBackground: true,
    patience: 4,
    async check(probe) {
      const timeoutMs = await idleTimeout(probe);
      const session = await probe.make();
      await session.reset();
      await sleep(1.5 * timeoutMs + 500);
      await expectAccepted(session.reset(), `a reset on the stream after ${1.5 * timeoutMs + 500} ms`);
    },
  },
];
