/** A call that failed, with all that the server said about it. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { type GymwireError } from '@gymwire/protocol';
import { decodeError, fromServiceError, type wire } from '@gymwire/protocol/wire';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** The protocol's code: of the error that the server sent, else the first word of the status text, else ''. */
  readonly code: string;
  /** Status of a call that broke; undefined for an error that came as a stream's response. */
  readonly status: status | undefined;
  /** The status' text. */
  readonly text: string;
  /** The error message that the server sent as a response, or in the trailing metadata. */
  readonly carried: GymwireError | undefined;

  constructor(carried: GymwireError | undefined, callStatus: status | undefined, text: string) {
    const code = carried?.code ?? /^([A-Z][A-Z_]+): /.exec(text)?.[1] ?? '';
    super(describe(code, callStatus, carried?.message ?? text));
    this.code = code;
    this.status = callStatus;
    this.text = text;
    this.carried = carried;
  }
}

function describe(code: string, callStatus: status | undefined, text: string): string {
  const name = code === '' ? `status ${callStatus === undefined ? '?' : status[callStatus]}` : code;
  return text.startsWith(`${code}: `) || text === '' ? text || name : `${name}: ${text}`;
}

export function refusalOfCall(error: ServiceError): Refusal {
  const hasTrailer = Buffer.isBuffer(error.metadata?.get('gymwire-error-bin')[0]);
  return new Refusal(hasTrailer ? fromServiceError(error, 'call') : undefined, error.code, error.details);
}

export function refusalOfResponse(error: NonNullable<wire.InteractResponse__Output['error']>): Refusal {
  return new Refusal(decodeError(error), undefined, '');
}
