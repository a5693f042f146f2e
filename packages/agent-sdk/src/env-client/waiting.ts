/** A request of a session whose answer has not come. */
import type { GymwireError } from '@gymwire/protocol';
import type {
  StreamRequest as Request,
  StreamResponseOutput as Response,
  wire,
} from '@gymwire/protocol/wire';

export type Message = wire.InteractResponse__Output;
export type Kind = Exclude<Message['response'], undefined | 'attach' | 'error'>;

export interface Waiting {
  readonly kind: Kind;
  request: Request;
  /** The number of a reset, step or call. */
  sequence: number | undefined;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: GymwireError) => void;
}

/** A reset of all environments needs nothing of the session before. */
export function survivesLoss(waiting: Waiting): boolean {
  return waiting.kind === 'reset' && (resetIn(waiting)?.mask ?? []).length === 0;
}

export function resetIn({ request }: Waiting): wire.InteractRequest['reset'] {
  return Buffer.isBuffer(request) ? undefined : request.reset;
}
