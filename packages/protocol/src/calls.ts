/** What a client may ask of simulators beyond Gymnasium's own: methods and attributes that their spec lists. */
import type { GymwireError } from './errors.ts';
import type { Value, ValueDict } from './value.ts';

/** The environments that are meant; default: all of the session. */
interface Selection {
  /** Ascending. */
  readonly envIndices?: readonly number[];
}

/** Each environment gets the same arguments. */
export interface MethodCall extends Selection {
  readonly name: string;
  readonly arguments?: readonly Value[];
  /** A simulator in TypeScript gets them as a dictionary after the others. */
  readonly keywordArguments?: ValueDict;
}

export interface AttributeRead extends Selection {
  readonly name: string;
}

/** One result an environment, or what the first of them failed with after it was called. */
export type CallOutcome =
  | { readonly results: readonly Value[]; readonly fault?: undefined }
  | { readonly results?: undefined; readonly fault: GymwireError };
