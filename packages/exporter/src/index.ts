export type { DerivedPolicy } from './compare-derived.ts';
export { ExporterError, type ExporterErrorCode, exporterErrorCodes } from './errors.ts';
export { type ExportedPolicy, type ExportOptions, exportPolicy } from './export-policy.ts';
export { flattenObservation, type Observation, type ObservationArray } from './flatten-observation.ts';
export type { ObservationDType, ObservationLayout } from './observation-layout.ts';
export { OnnxPolicy } from './onnx-policy.ts';
export type { PolicySource } from './open-policy.ts';
export type { ParityReport } from './parity.ts';
export type { BoxBounds, GoldenPairs, ObservationDescription, PolicyMetadata } from './policy-metadata.ts';
export type {
  EvaluationSummary,
  LinearLayer,
  ObservationNormalizer,
  PolicySnapshot,
} from './policy-snapshot.ts';
export {
  type RefusedPolicy,
  type VerifiedPolicy,
  type VerifyReport,
  verifyPolicy,
} from './verify-policy.ts';
export { writePolicyFile } from './write-policy-file.ts';
