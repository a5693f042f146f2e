import { ExporterError, type ExporterErrorCode, messageOf } from './errors.ts';
import { checkGoldenPairs } from './golden-pairs.ts';
import { checkGuard } from './guard.ts';
import { OnnxSession } from './onnx-session.ts';
import { openPolicy, type PolicySource, readPolicyBytes } from './open-policy.ts';
import { checkParity, type ParityReport } from './parity.ts';
import type { PolicyMetadata } from './policy-metadata.ts';
import { drawProbes } from './probes.ts';

export type VerifyReport = VerifiedPolicy | RefusedPolicy;

export interface VerifiedPolicy {
  readonly ok: true;
  readonly metadata: PolicyMetadata;
  /** Size of the file. */
  readonly bytes: number;
  readonly golden: {
    readonly count: number;
    /** Largest difference to the recorded actions, as a part of the action's range. */
    readonly maxError: number;
  };
  readonly parity: ParityReport;
}

export interface RefusedPolicy {
  readonly ok: false;
  readonly code: ExporterErrorCode;
  /** What was expected, what came, and where. */
  readonly message: string;
}

/**
 * Whether a policy file is whole and does what it says, from the file alone: hashes, graph and metadata;
 * recorded actions through ONNX Runtime; ONNX Runtime against a float64 forward of the file's own weights on
 * 1 000 observations; bounds; NaN for observations that are not finite. Never throws for a bad file: the report says what is wrong with it.
 */
export async function verifyPolicy(source: PolicySource): Promise<VerifyReport> {
  try {
    return await verify(await readPolicyBytes(source), source);
  } catch (error) {
    if (!(error instanceof ExporterError)) throw error;
    return { ok: false, code: error.code, message: messageOf(error) };
  }
}

async function verify(bytes: Uint8Array, source: PolicySource): Promise<VerifiedPolicy> {
  const { metadata, definition } = openPolicy(bytes, source);
  const session = await OnnxSession.create(bytes);
  try {
    const run = (observations: Float32Array, count: number) => session.run(observations, count);
    const { golden } = metadata;
    const maxError = await checkGoldenPairs(definition, golden, run);
    const parity = await checkParity(definition, drawProbes(definition, metadata.observation), run);
    if (metadata.formatVersion > 1) await checkGuard(definition, run);
    return { ok: true, metadata, bytes: bytes.length, golden: { count: golden.count, maxError }, parity };
  } finally {
    await session.release();
  }
}
