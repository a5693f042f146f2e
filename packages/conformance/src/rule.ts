import type { Probe } from './probe.ts';

/** One requirement of the protocol. */
export interface RuleDescription {
  /** Stable: `area.what`. */
  readonly id: string;
  /** What the protocol asks for, in one line. */
  readonly requires: string;
  /** The heading in docs/protocol.md where it says so. */
  readonly section: string;
}

/** With how to see from outside whether a server meets it. */
export interface Rule extends RuleDescription {
  /** How many times the usual deadline it may take; default 1. */
  readonly patience?: number;
  /** Only of servers that ask for a token. */
  readonly needsToken?: true;
  /** Only of servers whose handshake names it. */
  readonly needsCapability?: string;
  /** What it is held against, if not gymwire/Conformance-v0: the server as such, or its batch simulators. */
  readonly about?: 'server' | 'batch';
  /** Mostly waits, and waits beside the other rules. */
  readonly isBackground?: true;
  /** @throws Broken, NotExercised, or what a call that should have worked failed with */
  readonly check: (probe: Probe) => Promise<void>;
}
