import type {
  AutoresetMode,
  Space,
  VectorResetOptions,
  VectorResetResult,
  VectorStepResult,
} from '@gymwire/protocol';

/**
 * What training sees of an environment, wherever it runs: `numEnvs` copies that are stepped together.
 * `EnvClient` implements it over gRPC; a session of env-server implements it in process.
 */
export interface VectorEnv {
  readonly envId: string;
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  /** Of one environment; batches have a leading dimension numEnvs. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly maxEpisodeSteps: number | undefined;

  reset(options?: VectorResetOptions): Promise<VectorResetResult>;

  /** @param actions [numEnvs, actionSize] row-major, environment units */
  step(actions: Float32Array): Promise<VectorStepResult>;

  close(): Promise<void>;
}
