export { type Claims, parseClaims } from './claims.ts';
export type { ProbeLimits } from './probe.ts';
export type { RuleDescription } from './rule.ts';
export { describeRules } from './rules/all-rules.ts';
export {
  type ConformanceOptions,
  type ConformanceReport,
  type Outcome,
  type RuleResult,
  runConformance,
  type TlsOptions,
} from './run-conformance.ts';
