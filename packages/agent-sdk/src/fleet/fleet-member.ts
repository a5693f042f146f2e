import type { Value, VectorStepResult } from '@gymwire/protocol';
import type { RemoteVectorEnv } from '../env-client/connection.ts';
import type { FleetHost } from './fleet-host.ts';

/** What became of a step of one session. */
export type Outcome =
  | { readonly type: 'stepped'; readonly result: VectorStepResult }
  /** Its episodes are gone, and these are in its place: the session itself, or others on other hosts. */
  | { readonly type: 'lost'; readonly members: readonly FleetMember[]; readonly cause: unknown }
  | { readonly type: 'failed'; readonly fault: unknown };

/** A session of a fleet: environments `first … first + count - 1`, on one host. */
export class FleetMember {
  readonly host: FleetHost;
  readonly first: number;
  readonly count: number;
  readonly env: RemoteVectorEnv;
  /** Its observations as they were last told; absent until it was reset. */
  observation: Value | undefined;
  /** How long its last answer took, in milliseconds. */
  tookMs = 0;
  /** Its episodes are gone, and nobody has reset it yet. */
  isLost = false;
  #settled: Promise<void> | undefined;
  #outcome: Outcome | undefined;

  constructor(host: FleetHost, first: number, env: RemoteVectorEnv) {
    this.host = host;
    this.first = first;
    this.count = env.numEnvs;
    this.env = env;
  }

  /** Its place in the fleet, ascending. */
  get envIndices(): number[] {
    return Array.from({ length: this.count }, (_, i) => this.first + i);
  }

  /** Resolves when its step is over; it never rejects. Absent where none is under way. */
  get settled(): Promise<void> | undefined {
    return this.#settled;
  }

  /** Only where none is under way. @param elapsedMs how long ago the step began */
  begin(step: Promise<Outcome>, elapsedMs: () => number): void {
    const hear = (outcome: Outcome) => {
      this.#outcome = outcome;
      this.tookMs = elapsedMs();
    };
    this.#settled = step.then(hear, (fault: unknown) => hear({ type: 'failed', fault }));
  }

  /** Takes what became of its step; undefined while it is under way. */
  take(): Outcome | undefined {
    const outcome = this.#outcome;
    if (outcome === undefined) return undefined;
    this.#outcome = undefined;
    this.#settled = undefined;
    if (outcome.type === 'stepped') this.observation = outcome.result.observation;
    return outcome;
  }

  /** Gives its place back. */
  async close(): Promise<void> {
    this.host.placed -= this.count;
    try {
      await this.env.close();
    } finally {
      this.host.closeIfLeft();
    }
  }
}
