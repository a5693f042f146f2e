/** Errors ⇄ wire: as a stream response, and as trailing metadata of a failed unary call. */
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { type ErrorCode, GymwireError, isWireErrorCode, type WireErrorCode } from '../errors.ts';
import type { Error__Output, Error as WireError } from '../generated/gymwire/v1/Error.ts';
import type { ErrorCode as WireErrorCodeName } from '../generated/gymwire/v1/ErrorCode.ts';
import { isWellFormed } from '../take-value.ts';
import { deserializeError, serializeError } from '../wire/service.ts';
import { wireErrorStatus } from './error-status.ts';

const metadataKey = 'gymwire-error-bin';
const prefix = 'ERROR_CODE_';

/** Codes that only a client produces never reach the wire; should one try, it is the server's own fault. */
function wireCode(code: ErrorCode): WireErrorCode {
  return isWireErrorCode(code) ? code : 'INTERNAL';
}

/** Unary errors travel in HTTP/2 trailers, whose size peers limit (grpc-js drops the call without a word). */
const maxMessageLength = 2000;
const maxDetailLength = 200;

/** Exceptions say anything: halves of surrogate pairs, which a cut leaves too, have no UTF-8 and no percent-encoding. */
function shorten(text: string, length: number): string {
  const short = text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`;
  return isWellFormed(short) ? short : Buffer.from(short).toString();
}

export function encodeError(error: GymwireError): WireError {
  const code: WireErrorCodeName = `${prefix}${wireCode(error.code)}`;
  const details = Object.entries(error.details).map(([key, value]) => [key, shorten(value, maxDetailLength)]);
  return {
    code,
    message: shorten(error.message, maxMessageLength),
    details: Object.fromEntries(details) as Record<string, string>,
  };
}

/** What the peer says. */
export function decodeError(wire: Error__Output): GymwireError {
  const name = String(wire.code).replace(prefix, '');
  const code = isWireErrorCode(name) ? name : 'INTERNAL';
  const message = code === name ? wire.message : `${wire.message} (unknown error code ${name})`;
  return new GymwireError(code, message, { details: wire.details, origin: 'peer' });
}

/** The status of a failed unary call: the code first in its text, and the whole error in its metadata. */
export function toStatus(error: GymwireError): Pick<StatusObject, 'code' | 'details' | 'metadata'> {
  const metadata = new Metadata();
  metadata.set(metadataKey, serializeError(encodeError(error)));
  const code = wireCode(error.code);
  const details = `${code}: ${shorten(error.message, maxMessageLength)}`;
  return { code: wireErrorStatus[code], details, metadata };
}

const transportCodes = new Map<status, ErrorCode>([
  [status.UNAVAILABLE, 'SERVER_UNAVAILABLE'],
  [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [status.CANCELLED, 'CANCELLED'],
  [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
  [status.RESOURCE_EXHAUSTED, 'CAPACITY'],
  [status.UNIMPLEMENTED, 'NOT_GYMWIRE'],
]);

/** @returns undefined where no error is carried, or bytes that are none: what gRPC says of the call is left */
function carriedBy(error: ServiceError): GymwireError | undefined {
  const carried = error.metadata?.get(metadataKey)[0];
  if (!Buffer.isBuffer(carried)) return undefined;
  try {
    return decodeError(deserializeError(carried));
  } catch {
    return undefined;
  }
}

/** Printed with an error of ours, gRPC's own would bury it: its call stack, and the bytes of its metadata. */
function shortCause({ code, message }: ServiceError): Error {
  const cause = Object.assign(new Error(message), { code });
  cause.stack = `Error: ${message}`;
  return cause;
}

/**
 * What the peer says where the status carries it, without a cause: the call's own error says the same once more. Else what
 * gRPC says of the call, with its message and status code as the cause.
 * @param where what was called and at which address, for the message
 */
export function fromServiceError(error: ServiceError, where: string): GymwireError {
  const carried = carriedBy(error);
  if (carried !== undefined) return carried;
  const code = transportCodes.get(error.code) ?? 'INTERNAL';
  // grpc-js ends some texts with an empty note.
  const text = (error.details || error.message).replace(/\.? *Resolution note: *$/, '');
  return new GymwireError(code, `${where}: ${text}`, { cause: shortCause(error), origin: 'transport' });
}
