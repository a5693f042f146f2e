import type { PortableError } from '@gymwire/env/host';
import type { RobotDriverModule } from './robot-driver.ts';
import type { LoopSettings, RobotEvent, RobotRequest } from './robot-messages.ts';

/** What the control thread is started with. */
export interface RobotThreadData {
  readonly module: Required<RobotDriverModule> & { readonly url: string };
  readonly settings: LoopSettings;
  readonly pollMs: number | undefined;
  /** See heartbeat.ts. */
  readonly heartbeat: SharedArrayBuffer;
}

export type ToRobotThread =
  | { readonly kind: 'request'; readonly request: RobotRequest }
  /** The last one. */
  | { readonly kind: 'close' };

export type FromRobotThread =
  /** Once, before all else: the driver is connected and ticks have begun. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'event'; readonly event: RobotEvent }
  /** The driver could not be opened, or not be closed. */
  | { readonly kind: 'failed'; readonly error: PortableError }
  | { readonly kind: 'closed' };
