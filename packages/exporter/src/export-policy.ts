import { encodeModel, type OnnxModel } from '@gymwire/onnx-graph';
import { checkSnapshot, snapshotLayout, withoutNegativeZero } from './check-snapshot.ts';
import { checkUserMetadata } from './check-user-metadata.ts';
import { pickGoldenPairs } from './golden-pairs.ts';
import { checkGuard } from './guard.ts';
import { encodeMetadata } from './metadata-codec.ts';
import { sealModel } from './model-seal.ts';
import { OnnxSession } from './onnx-session.ts';
import { openPolicy } from './open-policy.ts';
import { checkParity, type ParityReport, type RunActions } from './parity.ts';
import type { PolicyDefinition } from './policy-definition.ts';
import { buildPolicyGraph } from './policy-graph.ts';
import { formatVersion, type PolicyMetadata } from './policy-metadata.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';
import { drawProbes } from './probes.ts';

/** What `exportPolicy` takes beside the policy. */
export interface ExportOptions {
  /** Kept in the file as `user.<name>`, outside its seal. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What `exportPolicy` made: the file, what it says of itself, and how well ONNX Runtime agrees with it. */
export interface ExportedPolicy {
  /** An `.onnx` file: same snapshot, same bytes. */
  readonly bytes: Uint8Array;
  /** What the file says about itself. */
  readonly metadata: PolicyMetadata;
  /** How well ONNX Runtime agreed with the float64 reference. */
  readonly parity: ParityReport;
}

/**
 * One ONNX file that maps observations to actions in environment units: normaliser, actor, rescaling and
 * bounds. Before it is handed out, ONNX Runtime has answered 1 000 observations as the float64 reference does.
 * @throws ExporterError `INVALID_USER_METADATA`, `INVALID_SNAPSHOT`, `SHAPE_MISMATCH`, `NON_FINITE_VALUE`, `INVALID_ACTION_BOUNDS`,
 * `ILL_CONDITIONED`, `PARITY_FAILED`, `ACTION_OUT_OF_BOUNDS`, `UNGUARDED`, `RUNTIME_FAILED`
 */
export async function exportPolicy(
  snapshot: PolicySnapshot,
  { metadata: user = {} }: ExportOptions = {},
): Promise<ExportedPolicy> {
  checkUserMetadata(user);
  const definition = checkSnapshot(snapshot);
  const probes = drawProbes(definition, { low: snapshot.observationLow, high: snapshot.observationHigh });
  const described = { ...describe(snapshot, definition), golden: pickGoldenPairs(definition, probes), user };
  const model = policyModel(definition, encodeMetadata(described));
  const bytes = encodeModel(sealModel(model, formatVersion));
  const { metadata } = openPolicy(bytes);
  const session = await OnnxSession.create(bytes);
  try {
    const run: RunActions = (batch, count) => session.run(batch, count);
    const parity = await checkParity(definition, probes, run);
    await checkGuard(definition, run);
    return { bytes, metadata, parity };
  } finally {
    await session.release();
  }
}

/** Opset 17 and IR 8: both run on every ONNX Runtime since 1.12. */
function policyModel(definition: PolicyDefinition, metadata: Readonly<Record<string, string>>): OnnxModel {
  return {
    irVersion: 8,
    opset: 17,
    producerName: 'gymwire',
    producerVersion: String(formatVersion),
    graphName: 'policy',
    ...buildPolicyGraph(definition, formatVersion),
    metadata,
  };
}

function describe(
  snapshot: PolicySnapshot,
  { actionLow, actionHigh }: PolicyDefinition,
): Omit<PolicyMetadata, 'weightsSha256' | 'golden' | 'user'> {
  const { envId, envArguments, maxEpisodeSteps, envUnconfirmed } = snapshot;
  const { envSteps, evaluation, configHash } = snapshot;
  const layout = snapshotLayout(snapshot);
  const observationLow = withoutNegativeZero(snapshot.observationLow);
  const observationHigh = withoutNegativeZero(snapshot.observationHigh);
  return {
    formatVersion,
    envId,
    ...(envArguments === undefined ? {} : { envArguments }),
    ...(maxEpisodeSteps === undefined ? {} : { maxEpisodeSteps }),
    ...(envUnconfirmed === undefined ? {} : { envUnconfirmed }),
    observation: {
      shape: [observationLow.length],
      low: observationLow,
      high: observationHigh,
      ...(layout === undefined ? {} : { layout }),
    },
    action: { shape: [actionLow.length], low: actionLow, high: actionHigh },
    envSteps,
    ...(evaluation === undefined ? {} : { evaluation }),
    configHash,
  };
}
