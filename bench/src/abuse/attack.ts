import type { Target } from './raw-http2.ts';

export interface AttackTarget extends Target {
  readonly address: string;
  /** Environments of one session: as many as this server makes in reasonable time. */
  readonly manyEnvs: number;
  /** An environment whose pictures take their time. */
  readonly pictures: string;
}

/** What a client should not do. It is over when `run` returns, and leaves the server to itself. */
export interface Attack {
  readonly name: string;
  run(target: AttackTarget): Promise<void>;
}
