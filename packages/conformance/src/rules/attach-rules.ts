import { setTimeout as sleep } from 'node:timers/promises';
import { encodeValue } from '@gymwire/protocol/wire';
import { methods } from '../client/raw-client.ts';
import type { RawStream } from '../client/raw-stream.ts';
import { Refusal, refusalOfResponse } from '../client/refusal.ts';
import { action, command } from '../conformance-env.ts';
import { expectAccepted, expectRefusal, expectSame, expectThat } from '../expectations.ts';
import { countsOfSingle } from '../played-replies.ts';
import type { PlayedSession } from '../played-session.ts';
import type { Rule } from '../rule.ts';

const section = 'Whose session it is';
const hello = { sequence: 0 };

/** A server may need a moment to see that a stream is gone. @returns the stream */
async function attachSoon(session: PlayedSession): Promise<RawStream> {
  for (;;) {
    try {
      return (await session.attach()).stream;
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || thrown.code !== 'SESSION_BUSY') throw thrown;
      await sleep(20);
    }
  }
}

export const attachRules: readonly Rule[] = [
  {
    id: 'attach.last-sequence',
    requires: 'tells the number of the last reset or step; 0: none yet',
    section,
    async check(probe) {
      const fresh = await probe.make();
      expectSame((await fresh.attach()).lastSequence, 0, 'last_sequence of a new session');
      const session = await probe.make();
      await session.reset({}, { by: 'unary' });
      for (let i = 0; i < 3; i++) await session.step(action(0), { by: 'unary' });
      expectSame((await session.attach()).lastSequence, 4, 'last_sequence after a reset and three steps');
    },
  },
  {
    id: 'attach.unknown-session',
    requires: 'a stream that attaches to a session that is not there breaks with SESSION_GONE',
    section: 'Errors',
    async check(probe) {
      const stream = probe.interact();
      stream.send({ attach: { sessionId: 'no-such-session' } });
      await expectBreak(stream, 'SESSION_GONE');
    },
  },
  {
    id: 'attach.first',
    requires: 'a stream whose first message does not attach breaks with MALFORMED',
    section: 'Errors',
    async check(probe) {
      const stream = probe.interact();
      stream.send({ reset: hello });
      await expectBreak(stream, 'MALFORMED');
    },
  },
  {
    id: 'attach.busy',
    requires: 'a second stream breaks with SESSION_BUSY, and the first one goes on',
    section,
    async check(probe) {
      const session = await probe.make();
      const { stream } = await session.attach();
      const second = probe.interact();
      second.send({ attach: { sessionId: session.id } });
      await expectBreak(second, 'SESSION_BUSY');
      await expectAccepted(stream.exchange({ reset: hello }), 'a reset on the stream that is attached');
    },
  },
  {
    id: 'attach.free-again',
    requires: 'a session is free again when its stream has ended or was dropped',
    section,
    async check(probe) {
      const session = await probe.make();
      const { stream: ended } = await session.attach();
      ended.finish();
      const dropped = await attachSoon(session);
      dropped.cancel();
      const again = await attachSoon(session);
      await expectAccepted(again.exchange({ reset: hello }), 'a reset on the third stream');
    },
  },
  {
    id: 'attach.survives-drop',
    requires: 'a dropped stream leaves the session as it was, and its request is carried out once',
    section,
    async check(probe) {
      const session = await probe.make();
      await session.reset({}, { by: 'unary' });
      const { stream } = await session.attach();
      const slow = encodeValue(action(0, command.takeTime));
      stream.send({ step: { sequence: 2, action: slow } });
      await sleep(100);
      stream.cancel();
      const reply = await session.step(action(0, command.takeTime), { by: 'unary', sequence: 2 });
      expectSame(countsOfSingle(reply.observation).steps, 1, 'steps after a step that was sent twice');
    },
  },
  {
    id: 'attach.take-over',
    requires: 'take_over replaces the attached stream, which ends with SESSION_BUSY',
    section,
    async check(probe) {
      const session = await probe.make();
      const { stream: first } = await session.attach();
      await first.exchange({ reset: { sequence: 1 } });
      const { stream: second, lastSequence } = await expectAccepted(
        session.attach(true),
        'an attach with take_over to a session that is attached',
      );
      expectThat(lastSequence >= 0, 'last_sequence: missing');
      await expectBreak(first, 'SESSION_BUSY');
      const step = { sequence: 0, action: encodeValue(action(0)) };
      await expectAccepted(second.exchange({ step }), 'a step on the stream that took over');
    },
  },
];

/** Breaks, and does not merely answer, with this code. */
async function expectBreak(stream: RawStream, code: string): Promise<void> {
  const { refusal } = await stream.ended();
  await expectRefusal(
    refusal === undefined ? Promise.resolve() : Promise.reject(refusal),
    code,
    'the stream',
  );
}

export const streamRules: readonly Rule[] = [
  {
    id: 'stream.order',
    requires: 'one response for each request, in order, also when the client does not wait',
    section: 'A client’s walk',
    async check(probe) {
      const session = await probe.make({ renderMode: 'rgb_array' });
      const { stream } = await session.attach();
      const step = (sequence: number) => ({ step: { sequence, action: encodeValue(action(0)) } });
      for (const request of [{ reset: { sequence: 1 } }, step(2), { render: {} }, step(3), step(4)]) {
        stream.send(request);
      }
      const kinds: string[] = [];
      for (let i = 0; i < 5; i++) {
        const response = await stream.receive();
        kinds.push(`${response?.response} ${response?.step?.sequence ?? ''}`.trim());
      }
      expectSame(kinds, ['reset', 'step 2', 'render', 'step 3', 'step 4'], 'kinds of responses');
    },
  },
  {
    id: 'stream.error-goes-on',
    requires: 'a request that fails is answered with an error, and the stream goes on',
    section: 'Errors',
    async check(probe) {
      const session = await probe.make();
      const { stream } = await session.attach();
      const early = { step: { sequence: 1, action: encodeValue(action(0)) } };
      stream.send(early);
      const answer = await stream.receive();
      expectThat(
        answer?.response === 'error',
        `a step before the reset: expected an error as response, got ${answer?.response ?? 'the end of the stream'}`,
      );
      await expectAccepted(
        stream.exchange({ reset: { sequence: 1 } }),
        'the next request on the same stream',
      );
    },
  },
  {
    id: 'stream.empty-request',
    requires: 'a request without content, or a second attach, is MALFORMED',
    section: 'Errors',
    async check(probe) {
      const bad = [{}, { attach: { sessionId: '' } }];
      for (const request of bad) {
        const session = await probe.make();
        const { stream } = await session.attach();
        const what = 'attach' in request ? 'a second attach on one stream' : 'a request without content';
        await expectRefusal(stream.exchange(request), 'MALFORMED', what);
      }
    },
  },
  {
    id: 'stream.undecodable',
    requires: 'bytes that are no message are MALFORMED, after the answers to the requests before them',
    section: 'Errors',
    async check(probe) {
      for (const bytes of ['ffffff', '1801', '1a0510']) {
        const session = await probe.make();
        const { stream } = await session.attach();
        for (let i = 0; i < 3; i++) stream.send({ reset: hello });
        stream.send(Buffer.from(bytes, 'hex'));
        for (let i = 0; i < 3; i++) {
          const answer = await stream.receive();
          expectSame(
            answer?.response,
            'reset',
            `the answer to reset ${i + 1} of 3 before the bytes ${bytes}`,
          );
        }
        const answer = await stream.receive();
        if (answer === undefined) {
          await expectBreak(stream, 'MALFORMED');
          continue;
        }
        const code = answer.error ? refusalOfResponse(answer.error).code : answer.response;
        expectSame(code, 'MALFORMED', `the answer to the bytes ${bytes}`);
        await expectAccepted(stream.exchange({ reset: hello }), 'the next request on the same stream');
      }
    },
  },
  {
    id: 'stream.close',
    requires: 'close is answered, closes the session, and the server ends the stream with OK',
    section: 'A client’s walk',
    async check(probe) {
      const session = await probe.make();
      const { stream } = await session.attach();
      const response = await stream.exchange({ close: {} });
      expectSame(response.response, 'close', 'the response to close');
      const { refusal } = await stream.ended();
      expectThat(refusal === undefined, `end of the stream: expected OK, got ${refusal?.message}`);
    },
  },
  {
    id: 'stream.half-close',
    requires: 'a client that ends its side gets the server’s end with OK, and keeps its session',
    section,
    async check(probe) {
      const session = await probe.make();
      const { stream } = await session.attach();
      await stream.exchange({ reset: hello });
      stream.finish();
      const { refusal } = await stream.ended();
      expectThat(refusal === undefined, `end of the stream: expected OK, got ${refusal?.message}`);
      await expectAccepted(session.reset({}, { by: 'unary', sequence: 0 }), 'a unary reset afterwards');
    },
  },
];

export const closeRules: readonly Rule[] = [
  {
    id: 'close.idempotent',
    requires: 'closing what is gone, or never was, is no error',
    section: 'A client’s walk',
    async check(probe) {
      const session = await probe.make();
      await session.close();
      await expectAccepted(session.close(), 'a second close');
      const stranger = probe.call(methods.CloseSession, { sessionId: 'no-such-session' });
      await expectAccepted(stranger, 'closing a session that never was');
    },
  },
  {
    id: 'close.gone',
    requires: 'after a close every use of the session is SESSION_GONE',
    section: 'Errors',
    async check(probe) {
      const session = await probe.make();
      await session.reset({}, { by: 'unary' });
      await session.close();
      await expectRefusal(session.step(action(0), { by: 'unary' }), 'SESSION_GONE', 'a step after the close');
      await expectRefusal(session.reset({}, { by: 'unary' }), 'SESSION_GONE', 'a reset after the close');
      await expectRefusal(session.attach(), 'SESSION_GONE', 'an attach after the close');
    },
  },
];
