import { z } from 'zod';
import type { MayReplace } from './atomic-file.ts';
import type { ArrayAllocator } from './read-container.ts';
import { readContainer, readContainerSummary } from './read-container.ts';
import {
  environmentSchema,
  evaluationSchema,
  learnerStateSchema,
  observationStatisticsSchema,
  policySnapshotSchema,
  policyStateSchema,
  randomStreamSchema,
  replayStateSchema,
} from './state-schemas.ts';
import { writeContainer } from './write-container.ts';

const kind = 'checkpoint';
const stepCount = z.int().nonnegative();

/** Counts that tell where a run stands. */
const countersSchema = z.strictObject({
  envSteps: stepCount,
  /** Transitions collected since learning started: each owes gradientStepsPerTransition updates. */
  learningTransitions: stepCount,
  gradientSteps: stepCount,
  episodes: stepCount,
  /** Transitions left out since their next observation is unknown; absent: none. */
  droppedTransitions: stepCount.exactOptional(),
  /** Number of times that the run was resumed. */
  resumes: stepCount,
  nextLogAt: stepCount,
  nextEvaluationAt: stepCount,
  /** Environment steps at the last evaluation, null before the first. */
  lastEvaluationAt: stepCount.nullable(),
});

/** Sums since the last log line. */
const intervalSchema = z.strictObject({
  episodes: stepCount,
  returnSum: z.number(),
  lengthSum: stepCount,
  actorOutputs: stepCount,
  saturatedOutputs: stepCount,
});

/** The random streams of a run; each draw belongs to one of them. */
const streamsSchema = z.strictObject({
  warmUp: randomStreamSchema,
  exploration: randomStreamSchema,
  targetNoise: randomStreamSchema,
  batchIndices: randomStreamSchema,
});

const seedingSchema = z.strictObject({ version: z.literal(2), episodesBegun: z.array(stepCount) });

const learningRatesSchema = z.strictObject({ actor: z.number().positive(), critic: z.number().positive() });

/** Callbacks by name: how far each was told, and what it keeps. */
const callbacksSchema = z.record(
  z.string(),
  z.strictObject({ toldAt: stepCount, state: z.unknown().exactOptional() }),
);

const checkpointSchema = z.strictObject({
  /** Resolved options; whoever resumes parses them. */
  options: z.record(z.string(), z.unknown()).readonly(),
  /** The environment as it was made: one that is otherwise is another. Absent in checkpoints of older versions. */
  environment: environmentSchema.exactOptional(),
  counters: countersSchema,
  interval: intervalSchema,
  streams: streamsSchema,
  /** Episodes of each environment of which a step was told. Absent in runs that older versions started, whose seeds do not count them. */
  seeding: seedingSchema.exactOptional(),
  learner: learnerStateSchema,
  replay: replayStateSchema,
  observationStatistics: observationStatisticsSchema.nullable(),
  /** Those that a callback has set; absent: the options'. */
  learningRates: learningRatesSchema.exactOptional(),
  /** Absent: the run has none. */
  callbacks: callbacksSchema.exactOptional(),
  /** What the actor that plays remembers of its rows; absent where it remembers nothing. */
  policyMemory: policyStateSchema.exactOptional(),
  lastEvaluation: evaluationSchema.nullable(),
  best: policySnapshotSchema.nullable(),
  /** Length of metrics.jsonl when this was written; a resumed run goes on from there. */
  metricsBytes: stepCount,
  /** SHA-256 of these bytes, hex. Absent in checkpoints of older versions. */
  metricsSha256: z.string().exactOptional(),
});

export type SavedCallbacks = z.infer<typeof callbacksSchema>;
export type Counters = z.infer<typeof countersSchema>;
export type RunEnvironment = z.infer<typeof environmentSchema>;
export type IntervalSums = z.infer<typeof intervalSchema>;

/**
 * All that a run needs to go on. Episodes under way are not part of it, since a simulator's state stays with the
 * simulator: a resumed run starts new ones, and with them exploration noise starts at rest.
 */
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** Streams to the disk: needs no memory to speak of. @throws AgentError NOT_WRITABLE, DISK_FULL */
export async function writeCheckpoint(
  path: string,
  checkpoint: Checkpoint,
  mayReplace?: MayReplace,
): Promise<void> {
  await writeContainer(path, kind, checkpoint, mayReplace);
}

/**
 * Reads a checkpoint.
 * @param allocate where to put arrays, such as "replay.observation"
 * @throws AgentError FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT
 */
export async function readCheckpoint(path: string, allocate?: ArrayAllocator): Promise<Checkpoint> {
  return readContainer(path, kind, checkpointSchema, allocate);
}

const summarySchema = z.object({
  options: checkpointSchema.shape.options,
  counters: countersSchema,
  seeding: checkpointSchema.shape.seeding,
  metricsBytes: checkpointSchema.shape.metricsBytes,
  metricsSha256: checkpointSchema.shape.metricsSha256,
  lastEvaluation: checkpointSchema.shape.lastEvaluation,
  best: z.object({ envSteps: stepCount, evaluation: evaluationSchema.exactOptional() }).nullable(),
});

/** What tells where the run stands, quickly and without checking the rest of the file. */
export async function readCheckpointSummary(path: string): Promise<z.infer<typeof summarySchema>> {
  return readContainerSummary(path, kind, summarySchema);
}
