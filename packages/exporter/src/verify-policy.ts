import { compareDerived, type DerivedPolicy, describeDerived } from './compare-derived.ts';
import { findDerived } from './derived-model.ts';
import { ExporterError, type ExporterErrorCode, messageOf } from './errors.ts';
import { checkGoldenPairs } from './golden-pairs.ts';
import { checkGuard } from './guard.ts';
import { OnnxSession } from './onnx-session.ts';
import { named, openPolicy, type PolicySource, readPolicyBytes } from './open-policy.ts';
import { checkParity, type ParityReport, type RunActions } from './parity.ts';
import type { PolicyMetadata } from './policy-metadata.ts';
import { drawProbes } from './probes.ts';

/** What `verifyPolicy` found: `ok` tells which of the two. */
export type VerifyReport = VerifiedPolicy | RefusedPolicy;

/** A policy file that is whole and does what it says. */
export interface VerifiedPolicy {
  readonly ok: true;
  /** What the file says about itself. */
  readonly metadata: PolicyMetadata;
  /** Size of the file. */
  readonly bytes: number;
  /** How well ONNX Runtime reproduced the recorded actions. */
  readonly golden: {
    /** Recorded actions. */
    readonly count: number;
    /** Largest difference to the recorded actions, as a part of the action's range. */
    readonly maxError: number;
  };
  /** How well ONNX Runtime agreed with a float64 forward of the file's weights. */
  readonly parity: ParityReport;
}

/** A file that is not to be used, and why. */
export interface RefusedPolicy {
  readonly ok: false;
  /** What is wrong with it, for programs. */
  readonly code: ExporterErrorCode;
  /** What was expected, what came, and where. */
  readonly message: string;
  /** With `DERIVED_MODEL`: of which policy, and how far from it. */
  readonly derived?: DerivedPolicy;
}

/**
 * Tells whether a policy file is whole and does what it says, from the file alone: hashes, graph and metadata;
 * recorded actions through ONNX Runtime; ONNX Runtime against a float64 forward of the file's own weights on
 * 1 000 observations; bounds; NaN for observations that are not finite. Never throws for a bad file: the report says what is wrong with it.
 * A model that another tool made of a policy is refused too; the report says which recorded actions differ, and how far.
 */
export async function verifyPolicy(source: PolicySource): Promise<VerifyReport> {
  try {
    const bytes = await readPolicyBytes(source);
    try {
      return await verify(bytes, source);
    } catch (error) {
      if (!(error instanceof ExporterError) || error.code !== 'DERIVED_MODEL') throw error;
      return await refuseDerived(bytes, source, error);
    }
  } catch (error) {
    if (!(error instanceof ExporterError)) throw error;
    return { ok: false, code: error.code, message: messageOf(error) };
  }
}

/** @throws ExporterError what it was taken for at first, where ONNX Runtime does not load it and damage would do */
async function refuseDerived(
  bytes: Uint8Array,
  source: PolicySource,
  error: ExporterError,
): Promise<RefusedPolicy> {
  const found = findDerived(bytes);
  if (found === undefined) throw error;
  const { code } = error;
  let session: OnnxSession;
  try {
    session = await OnnxSession.create(bytes);
  } catch (cause) {
    const seen = found.isCertain ? error : firstSeen(error);
    throw new ExporterError(seen.code, `${seen.message}; ${messageOf(cause)}`, { cause });
  }
  try {
    const derived = await compareDerived(session, found);
    const { message } = named(new ExporterError(code, describeDerived(derived)), source);
    return { ok: false, code, message, derived };
  } catch (cause) {
    if (!(cause instanceof ExporterError)) throw cause;
    throw new ExporterError(code, `${error.message}; its golden pairs cannot be run: ${cause.message}`, {
      cause,
    });
  } finally {
    await session.release();
  }
}

/** What the file was taken for before anything of a policy was found in it. */
function firstSeen(error: ExporterError): ExporterError {
  return error.code === 'DERIVED_MODEL' && error.cause instanceof ExporterError
    ? firstSeen(error.cause)
    : error;
}

async function verify(bytes: Uint8Array, source: PolicySource): Promise<VerifiedPolicy> {
  const { metadata, definition } = openPolicy(bytes, source);
  const session = await OnnxSession.create(bytes);
  try {
    const run: RunActions = (observations, count) => session.run(observations, count);
    const { golden } = metadata;
    const maxError = await checkGoldenPairs(definition, golden, run);
    const parity = await checkParity(definition, drawProbes(definition, metadata.observation), run);
    if (metadata.formatVersion > 1) await checkGuard(definition, run);
    return { ok: true, metadata, bytes: bytes.length, golden: { count: golden.count, maxError }, parity };
  } finally {
    await session.release();
  }
}
