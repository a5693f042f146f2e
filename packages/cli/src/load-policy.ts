/** What `eval` and `run` play: the actor of a run, or an exported policy in ONNX Runtime. */
import { access } from 'node:fs/promises';
import { AgentError, createSnapshotPolicy, type Policy, readRunPolicy } from '@gymwire/agent-sdk';
import { type TrainedOn } from '@gymwire/agent-sdk/parts';
import type { Output } from './output.ts';
import { isFolder } from './run-or-file.ts';

export interface PlayablePolicy {
  /** The environment of the training. */
  readonly trainedOn: TrainedOn;
  /** That environment could not say what it was made with. */
  readonly envUnconfirmed: boolean;
  /** The policy, for people. */
  readonly description: string;
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
  { envId }: Pick<TrainedOn, 'envId'>,
  envUnconfirmed: boolean | undefined,
  output: Output,
): void {
  if (envUnconfirmed !== true) return;
  output.note(
    `${envId}: the environment of the training could not say what it was made with; arguments and time limit are those that its options asked for`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function loadRunPolicy(folder: string, last: boolean): Promise<PlayablePolicy> {
  const snapshot = await readRunPolicy(folder, last ? 'lastPolicy' : 'bestPolicy');
  return {
    trainedOn: snapshot,
    envUnconfirmed: snapshot.envUnconfirmed === true,
    description: `the ${last ? 'last' : 'best'} policy of ${folder} (step ${snapshot.envSteps})`,
    play: createSnapshotPolicy(snapshot),
    dispose: async () => undefined,
  };
}

async function loadOnnxPolicy(path: string): Promise<PlayablePolicy> {
  const { OnnxPolicy } = await import('@gymwire/exporter');
  const policy = await OnnxPolicy.load(path);
  const { envId, envSteps, envUnconfirmed } = policy.metadata;
  return {
    trainedOn: policy.metadata,
    envUnconfirmed: envUnconfirmed === true,
    description: `${path} (${envId}, step ${envSteps})`,
    play: policy,
    dispose: () => policy.dispose(),
  };
}
