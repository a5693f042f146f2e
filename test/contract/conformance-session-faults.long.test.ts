/** Servers with one fault each in how they keep sessions, streams and errors: the kit must find it, and no other. */
import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import { checkFault, idleTimeoutMs } from '../support/check-fault.ts';
import type { Fault } from '../support/faulty-server.ts';

const faults: readonly Fault[] = [
  {
    name: 'steps once more when a step is repeated',
    breaks: 'sequence.retry-step',
    step(request, { lastSequence, lastKind }) {
      // Steps with seeds have a rule of their own.
      const isRepeated = lastKind === 'step' && request.sequence === lastSequence;
      if (isRepeated && request.nextSeeds.length === 0) request.sequence = 0;
    },
  },
  {
    name: 'resets once more when a reset is repeated',
    breaks: 'sequence.retry-reset',
    reset(request, { lastSequence, lastKind }) {
      if (lastKind === 'reset' && request.sequence === lastSequence) request.sequence = 0;
    },
  },
  {
    name: 'carries out whatever number a request has',
    breaks: 'sequence.bad',
    step(request, { lastSequence }) {
      const isDue = request.sequence === lastSequence || request.sequence === lastSequence + 1;
      if (!isDue) request.sequence = 0;
    },
  },
  {
    name: 'tells another last number to those who come back',
    breaks: 'attach.last-sequence',
    attachReply(reply) {
      reply.lastSequence += 1;
    },
  },
  {
    name: 'keeps sessions attached to streams that are gone',
    breaks: 'attach.free-again',
    holdsStreams: true,
  },
  {
    name: 'lets every stream take sessions over',
    breaks: 'attach.busy',
    attach(request) {
      request.takeOver = true;
    },
  },
  {
    name: 'lets no stream take a session over',
    breaks: 'attach.take-over',
    attach(request) {
      request.takeOver = false;
    },
  },
  {
    name: 'ends the stream when a request fails',
    breaks: 'stream.error-goes-on',
    breaksStreamsOnError: true,
  },
  {
    name: 'ends the stream at bytes that are no message',
    breaks: 'stream.undecodable',
    failsAtGarbage: 'streams',
  },
  {
    name: 'has no code for calls that cannot be decoded',
    breaks: 'errors.undecodable',
    failsAtGarbage: 'calls',
  },
  {
    name: 'keeps sessions that were reset by a call when they are closed',
    breaks: 'close.gone',
    async close(sessionId, close, notes) {
      if (!notes?.wasResetByCall) await close(sessionId);
    },
  },
  {
    name: 'hangs when a session is closed that never was',
    breaks: 'close.idempotent',
    close: (sessionId, close, notes) => (notes ? close(sessionId) : new Promise(() => undefined)),
  },
  {
    name: 'refuses unary calls without the error in their trailer',
    breaks: 'errors.trailer',
    unaryError({ metadata }) {
      metadata.remove('gymwire-error-bin');
    },
  },
  {
    name: 'refuses all unary calls with one status',
    breaks: 'errors.status',
    unaryError(refused) {
      refused.code = status.INTERNAL;
    },
  },
  {
    name: 'never closes an idle session',
    breaks: 'limits.idle-closed',
    server: { idleTimeoutMs: 600_000 },
    made(reply) {
      reply.idleTimeoutMs = 1_000;
    },
  },
  {
    name: 'closes a session whose client thinks, though a stream is attached',
    breaks: 'limits.idle-held',
    made({ sessionId }, _, close) {
      setTimeout(() => void close(sessionId), 1.2 * idleTimeoutMs).unref();
    },
  },
  {
    name: 'says nothing of its health',
    breaks: 'service.health',
    withoutHealth: true,
  },
  {
    name: 'has no reflection',
    breaks: 'service.reflection',
    withoutReflection: true,
  },
];

describe('a server that', () => {
  it.concurrent.each(faults)('$name fails $breaks, and nothing else', (fault) => checkFault(fault));
});
