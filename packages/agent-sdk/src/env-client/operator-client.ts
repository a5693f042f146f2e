/** The side of whoever runs a server: which sessions it holds, and an end for those that should not be there. */
import { GymwireError, type SessionSummary } from '@gymwire/protocol';
import {
  decodeSessionSummary,
  OperatorServiceClient,
  operatorService,
  parseServerAddress,
  proxyOptions,
  refuseReadableToken,
} from '@gymwire/protocol/wire';
import { callUnary, describeCall, type UnaryMethod } from './call-unary.ts';
import { createCallMetadata, createChannelCredentials, tlsChannelOptions } from './client-credentials.ts';
import { type ConnectOptions, resolveConnectOptions } from './connect-options.ts';
import { diagnoseTls } from './diagnose-tls.ts';

/** `token` is the operator's. */
export type OperatorOptions = Pick<ConnectOptions, 'token' | 'tls' | 'insecure' | 'connectTimeoutMs'>;

export interface OperatorConnection {
  readonly address: string;
  /**
   * Those that are open, the oldest first, and how many there may be.
   * @throws GymwireError UNSUPPORTED where the server has no operator's token, UNAUTHENTICATED, SERVER_UNAVAILABLE,
   * TLS_FAILED, DEADLINE_EXCEEDED
   */
  listSessions(): Promise<{ readonly sessions: readonly SessionSummary[]; readonly maxSessions: number }>;
  /**
   * Ends a session, also while a call of it is under way. Its client is told.
   * @returns the session as it was
   * @throws GymwireError SESSION_GONE when no session has this handle; as `listSessions`
   */
  endSession(handle: string): Promise<SessionSummary>;
  close(): void;
}

/** @throws GymwireError INVALID_ARGUMENT for an address, a token or a certificate that is none */
export function connectOperator(given: string, options: OperatorOptions): OperatorConnection {
  const resolved = resolveConnectOptions(options);
  const { token, tls, connectTimeoutMs } = resolved;
  const { text: address } = parseServerAddress(given, tls !== undefined);
  refuseReadableToken(address, resolved);
  const metadata = createCallMetadata(token);
  const client = new OperatorServiceClient(address, createChannelCredentials(tls, address), {
    ...tlsChannelOptions(tls),
    'grpc.service_config_disable_resolution': 1,
    'grpc.use_local_subchannel_pool': 1,
    ...proxyOptions(address),
  });
  const call = async <Request, Response extends object>(
    method: UnaryMethod<Request, Response>,
    request: Request,
  ) => {
    const where = describeCall(method, address);
    const of = { metadata: metadata.clone(), deadlineMs: connectTimeoutMs, address };
    try {
      return await callUnary(client, method, request, of);
    } catch (error) {
      if (!(error instanceof GymwireError)) throw error;
      if (error.code === 'NOT_GYMWIRE') throw notOffered(address, error);
      const fault =
        error.code === 'SERVER_UNAVAILABLE' ? await diagnoseTls(address, tls, connectTimeoutMs) : undefined;
      throw fault === undefined
        ? error
        : new GymwireError('TLS_FAILED', `${where}: ${fault}`, { cause: error, origin: 'transport' });
    }
  };
  return {
    address,
    async listSessions() {
      const reply = await call(operatorService.ListSessions, {});
      return { sessions: reply.sessions.map(decodeSessionSummary), maxSessions: reply.maxSessions };
    },
    async endSession(handle) {
      const { session } = await call(operatorService.EndSession, { handle });
      if (session !== null) return decodeSessionSummary(session);
      throw new GymwireError('MALFORMED', `EndSession at ${address}: the reply carries no session`, {
        origin: 'transport',
      });
    },
    close: () => client.close(),
  };
}

function notOffered(address: string, cause: GymwireError): GymwireError {
  const message = `${address} has no operator's side: no gymwire server, or one that was started without an operator's token`;
  return new GymwireError('UNSUPPORTED', message, { cause, origin: cause.origin });
}
