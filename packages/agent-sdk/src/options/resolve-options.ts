import { AgentError } from '../errors.ts';
import { canonicalJson } from './config-hash.ts';
import {
  changeableOnResume,
  parseResolvedOptions,
  type ResolvedTrainOptions,
  type ResumeOptions,
} from './option-schema.ts';
import { presetFor } from './presets.ts';

/** Fujimoto et al. 2018 with the networks and batch of today's implementations. */
const defaults = {
  envArguments: {},
  maxEpisodeSteps: null,
  numEnvs: 1,
  autoresetMode: 'same-step',
  seed: 0,
  totalEnvSteps: 1_000_000,
  stopAtReturn: null,
  hiddenSizes: [256, 256],
  actorLearningRate: 3e-4,
  criticLearningRate: 3e-4,
  batchSize: 256,
  gamma: 0.99,
  tau: 0.005,
  policyDelay: 2,
  targetPolicyNoise: 0.2,
  targetNoiseClip: 0.5,
  gradientStepsPerTransition: 1,
  mode: 'pipelined',
  normalizeObservations: false,
  bufferSize: 1_000_000,
  explorationNoise: 0.1,
  explorationNoiseType: 'gaussian',
  evaluationInterval: 10_000,
  evaluationEpisodes: 10,
  logInterval: 1_000,
  checkpointInterval: 50_000,
} as const;

/** The authors' figure, for runs of a million steps. */
const defaultLearningStarts = 25_000;

/** Given options over the environment's preset over the defaults. @throws AgentError INVALID_OPTION */
export function resolveTrainOptions(given: ResumeOptions): ResolvedTrainOptions {
  const { learningStarts: usual = defaultLearningStarts, ...preset } = presetFor(given.envId ?? '');
  const merged = { ...defaults, ...preset, ...withoutUndefined(given) };
  // A short run must not warm up to its end.
  const learningStarts = Math.min(usual, Math.floor(Number(merged.totalEnvSteps) / 10));
  return parseResolvedOptions({ learningStarts, ...merged });
}

/**
 * The options of a resumed run: those it was started with, and what may change of those given now.
 * @throws AgentError CONFIG_MISMATCH naming the first option that differs, INVALID_OPTION
 */
export function resolveResumedOptions(
  stored: ResolvedTrainOptions,
  given: ResumeOptions,
): ResolvedTrainOptions {
  const changes = withoutUndefined(given);
  const resolved = parseResolvedOptions({ ...stored, ...changes });
  for (const key of Object.keys(changes) as (keyof ResolvedTrainOptions)[]) {
    const [before, now] = [canonicalJson(stored[key]), canonicalJson(resolved[key])];
    if (before !== now && !changeableOnResume.has(key)) {
      throw new AgentError('CONFIG_MISMATCH', `${key}: the run was started with ${before}, got ${now}`);
    }
  }
  return resolved;
}

function withoutUndefined(options: ResumeOptions): ResumeOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
