import { AgentError } from '../errors.ts';
import { layoutSize } from '../policy/observation-layout.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import type { MayReplace } from './atomic-file.ts';
import { readContainer } from './read-container.ts';
import { policySnapshotSchema } from './state-schemas.ts';
import { writeContainer } from './write-container.ts';

const kind = 'policy';

/**
 * Saves a policy; a file that was there is replaced as a whole or not at all.
 * @throws AgentError NOT_WRITABLE, DISK_FULL
 */
export async function writeSnapshotFile(path: string, snapshot: PolicySnapshot): Promise<void> {
  await replaceSnapshotFile(path, snapshot);
}

/** Saves a policy as `writeSnapshotFile` does, unless at the last moment it may not be. */
export async function replaceSnapshotFile(
  path: string,
  snapshot: PolicySnapshot,
  mayReplace?: MayReplace,
): Promise<void> {
  await writeContainer(path, kind, snapshot, mayReplace);
}

/** Reads a policy. @throws AgentError FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT */
export async function readSnapshotFile(path: string): Promise<PolicySnapshot> {
  const snapshot = await readContainer(path, kind, policySnapshotSchema);
  const problem = findMisfit(snapshot);
  if (problem !== undefined) throw new AgentError('FILE_CORRUPT', `${path}: not a valid policy: ${problem}`);
  return snapshot;
}

/** The actor's layers must follow on one another and fit the bounds. */
function findMisfit(snapshot: PolicySnapshot): string | undefined {
  const { actor, actionLow, actionHigh, observationLow, observationHigh } = snapshot;
  const { mean = observationLow, scale = mean } = snapshot.observationNormalizer ?? {};
  const widths = [observationLow.length, ...actor.map((layer) => layer.outputs)];
  for (const [i, layer] of actor.entries()) {
    if (layer.inputs !== widths[i]) return `layer ${i} takes ${layer.inputs} inputs, gets ${widths[i]}`;
  }
  if (actionLow.length !== widths.at(-1)) {
    return `${actionLow.length} action bounds for ${widths.at(-1)} outputs`;
  }
  if (actionHigh.length !== actionLow.length || observationHigh.length !== observationLow.length) {
    return 'lower and upper bounds differ in number';
  }
  if (mean.length !== observationLow.length || scale.length !== mean.length) {
    return `a normaliser of ${mean.length} and ${scale.length} values for ${observationLow.length} inputs`;
  }
  const { observationLayout: layout } = snapshot;
  if (layout !== undefined && layoutSize(layout) !== observationLow.length) {
    return `a layout of ${layoutSize(layout)} values for ${observationLow.length} inputs`;
  }
  return undefined;
}
