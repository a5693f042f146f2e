/** What a trainer subject is started with (JSON), ours and the Python ones alike. */
export interface TrainerSettings {
  readonly envId: string;
  /** Null: the environment `envId` of the library's own; else the bench's environment of these sizes. */
  readonly shapes: { readonly observationSize: number; readonly actionSize: number } | null;
  readonly hiddenSizes: readonly number[];
  readonly batchSize: number;
  readonly learningRate: number;
  readonly gamma: number;
  /** Steps with uniform actions and without updates. */
  readonly learningStarts: number;
  /** Steps before the first that is measured. */
  readonly freeSteps: number;
  /** A step's sleep, of our sleeping environment. */
  readonly sleepMs?: number;
  /** What a training of ours has beside. */
  readonly extras?: 'run folder' | 'run folder and callbacks';
}
