/** What `eval` and `run` play: the actor of a run, or an exported policy in ONNX Runtime. */
import { stat } from 'node:fs/promises';
import {
  createSnapshotPolicy,
  type EvaluationPolicy,
  readPolicyFile,
  readRunSummary,
  runFilePath,
} from '@gymwire/agent-sdk';
import { OnnxPolicy } from '@gymwire/exporter';
import type { JsonArgument } from './parse-arguments.ts';

export interface PlayablePolicy {
  readonly envId: string;
  /** What the environment was made with in training; known for runs only. */
  readonly envArguments: Readonly<Record<string, JsonArgument>>;
  readonly maxEpisodeSteps: number | null;
  /** For people. */
  readonly description: string;
  /** Environment units. */
  readonly act: EvaluationPolicy;
  dispose(): Promise<void>;
}

/**
 * @param path a run folder, or an .onnx file
 * @param last of a run: the last policy instead of the best
 * @throws AgentError RUN_NOT_FOUND, FILE_…; ExporterError UNREADABLE_FILE, NOT_ONNX …
 */
export async function loadPolicy(path: string, last = false): Promise<PlayablePolicy> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? loadRunPolicy(path, last) : loadOnnxPolicy(path);
}

async function loadRunPolicy(folder: string, last: boolean): Promise<PlayablePolicy> {
  const { options } = await readRunSummary(folder);
  const snapshot = await readPolicyFile(runFilePath(folder, last ? 'lastPolicy' : 'bestPolicy'));
  return {
    envId: snapshot.envId,
    envArguments: options.envArguments,
    maxEpisodeSteps: options.maxEpisodeSteps,
    description: `the ${last ? 'last' : 'best'} policy of ${folder} (step ${snapshot.envSteps})`,
    act: createSnapshotPolicy(snapshot),
    dispose: async () => undefined,
  };
}

async function loadOnnxPolicy(path: string): Promise<PlayablePolicy> {
  const policy = await OnnxPolicy.load(path);
  return {
    envId: policy.metadata.envId,
    envArguments: {},
    maxEpisodeSteps: null,
    description: `${path} (${policy.metadata.envId}, step ${policy.metadata.envSteps})`,
    act: (observations, rows) => policy.actBatch(observations, rows),
    dispose: () => policy.dispose(),
  };
}
