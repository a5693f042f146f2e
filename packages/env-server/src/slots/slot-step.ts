import type { Info, StepResult, Value } from '@gymwire/protocol';

/** A step, and with same-step autoreset the end of the episode that it replaced. */
export interface SlotStep extends StepResult {
  readonly final?: { readonly observation: Value; readonly info: Info };
}
