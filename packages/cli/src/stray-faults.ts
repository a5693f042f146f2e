/**
 * What is thrown outside of every call, in a timer or an event, and what is rejected where nobody listens: no request
 * can be answered with it, and Node ends a process for it. Environments that run in the server's own thread can do
 * both; those in workers and processes end one session with it.
 */
import { Hearing } from '@gymwire/env/host';
import { GymwireError, messageOf } from '@gymwire/protocol';
import type { Logger } from 'pino';

export interface StrayFaults {
  /** The first exception. What was interrupted by it nobody knows: the server must end. */
  readonly exception: Promise<GymwireError>;
  /** Restores Node's own behaviour. */
  release(): void;
}

/**
 * Floating rejections are told, each once an hour and ten a minute, and the server goes on: no code was interrupted by them.
 * @param inThread environments of users that run in this thread
 */
export function watchStrayFaults(logger: Logger, inThread: readonly string[]): StrayFaults {
  const hearing = new Hearing();
  const onRejection = (reason: unknown) => {
    const message = describe('a promise was rejected where nobody listens', reason, inThread);
    const fields = { code: codeFor(inThread), stack: stackOf(reason) ?? '' };
    const notice = { source: '', kind: 'rejection', where: message, message, fields } as const;
    const told = hearing.take(notice, performance.now());
    if (told !== undefined) logger.error(told.fields, told.message);
  };
  let onException: (thrown: unknown) => void = () => undefined;
  const exception = new Promise<GymwireError>((resolve) => {
    onException = (thrown) => {
      const text = describe('an exception outside of every call ends the server', thrown, inThread);
      logger.fatal({ code: codeFor(inThread), stack: stackOf(thrown) }, text);
      resolve(new GymwireError(codeFor(inThread), text));
    };
  });
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return {
    exception,
    release() {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
    },
  };
}

function codeFor(inThread: readonly string[]) {
  return inThread.length > 0 ? 'ENV_FAILED' : 'INTERNAL';
}

function describe(what: string, thrown: unknown, inThread: readonly string[]): string {
  const told = `${what}: ${messageOf(thrown)}`;
  if (inThread.length === 0) return `${told} (a fault of gymwire's own)`;
  return (
    `${told}. It is that of an environment in the server's own thread, as a rule (${inThread.join(', ')}): ` +
    'with --isolate process, or worker, it would end one session and nothing else'
  );
}

function stackOf(thrown: unknown): string | undefined {
  try {
    const { stack } = thrown as { readonly stack?: unknown };
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}
