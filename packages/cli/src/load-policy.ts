/** What `eval` and `run` play: the actor of a run, or an exported policy in ONNX Runtime. */
import { access, stat } from 'node:fs/promises';
import {
  AgentError,
  createFlattener,
  createSnapshotPolicy,
  type Policy,
  readRunPolicy,
} from '@gymwire/agent-sdk';
import { ExporterError, layoutDifference, type ObservationLayout, OnnxPolicy } from '@gymwire/exporter';
import type { Space } from '@gymwire/protocol';
import type { Output } from './output.ts';
import type { JsonArguments } from './parse-arguments.ts';
import { UsageError } from './report-error.ts';

export interface PlayablePolicy {
  readonly envId: string;
  /** What the environment was made with in training. */
  readonly envArguments: JsonArguments;
  readonly maxEpisodeSteps: number | null;
  /** The environment could not say what it was made with. */
  readonly envUnconfirmed: boolean;
  /** For people. */
  readonly description: string;
  /** What observations were before they were flattened; undefined: nobody knows. */
  readonly observationLayout: ObservationLayout | undefined;
  readonly play: Policy;
  dispose(): Promise<void>;
}

/**
 * @param path a run folder, or an .onnx file
 * @param last of a run: the last policy instead of the best
 * @throws AgentError RUN_NOT_FOUND, POLICY_NOT_FOUND, FILE_…; ExporterError UNREADABLE_FILE, NOT_ONNX …
 */
export async function loadPolicy(path: string, last = false): Promise<PlayablePolicy> {
  if (!(await exists(path))) {
    throw new AgentError(
      'RUN_NOT_FOUND',
      `${path}: expected a run's folder or an .onnx file, there is nothing`,
    );
  }
  return (await isFolder(path)) ? loadRunPolicy(path, last) : loadOnnxPolicy(path);
}

/** Once, before it plays: it may play on another environment than it learnt on. */
export function noteUnconfirmed(
  { envId, envUnconfirmed = false }: { readonly envId: string; readonly envUnconfirmed?: boolean },
  output: Output,
): void {
  if (!envUnconfirmed) return;
  output.note(
    `${envId}: the environment of the training could not say what it was made with; arguments and time limit are those that its options asked for`,
  );
}

/**
 * An environment whose observations have the right size but other parts, or these in another order, would be
 * misread without a word.
 * @throws ExporterError OBSERVATION_STRUCTURE
 */
export function refuseOtherLayout(
  layout: ObservationLayout | undefined,
  trainedOn: string,
  envId: string,
  observationSpace: Space,
): void {
  if (layout === undefined) return;
  const difference = layoutDifference(layout, createFlattener(observationSpace, envId).layout);
  if (difference === undefined) return;
  throw new ExporterError('OBSERVATION_STRUCTURE', `${trainedOn}, reads ${envId} wrongly: ${difference}`);
}

/** For commands that take an exported policy only. @throws UsageError for a run's folder */
export async function refuseFolder(path: string): Promise<void> {
  if (!(await isFolder(path))) return;
  throw new UsageError(`${path} is a folder; export the run first: gymwire export ${path} --out policy.onnx`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function loadRunPolicy(folder: string, last: boolean): Promise<PlayablePolicy> {
  const snapshot = await readRunPolicy(folder, last ? 'lastPolicy' : 'bestPolicy');
  return {
    envId: snapshot.envId,
    envArguments: snapshot.envArguments ?? {},
    maxEpisodeSteps: snapshot.maxEpisodeSteps ?? null,
    envUnconfirmed: snapshot.envUnconfirmed === true,
    description: `the ${last ? 'last' : 'best'} policy of ${folder} (step ${snapshot.envSteps})`,
    observationLayout: snapshot.observationLayout,
    play: createSnapshotPolicy(snapshot),
    dispose: async () => undefined,
  };
}

async function loadOnnxPolicy(path: string): Promise<PlayablePolicy> {
  const policy = await OnnxPolicy.load(path);
  return {
    envId: policy.metadata.envId,
    envArguments: policy.metadata.envArguments ?? {},
    maxEpisodeSteps: policy.metadata.maxEpisodeSteps ?? null,
    envUnconfirmed: policy.metadata.envUnconfirmed === true,
    description: `${path} (${policy.metadata.envId}, step ${policy.metadata.envSteps})`,
    observationLayout: policy.metadata.observation.layout,
    play: policy,
    dispose: () => policy.dispose(),
  };
}
