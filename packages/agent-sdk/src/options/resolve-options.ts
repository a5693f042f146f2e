import { AgentError } from '../errors.ts';
import type { ResolvedTrainOptions, ResumeOptions } from '../generated/train-options.ts';
import { canonicalJson } from './config-hash.ts';
import { changeableOnResume, parseResolvedOptions } from './option-schema.ts';
import { type OptionName, optionNames, optionRow, usualLearningStarts } from './option-table.ts';
import { presetFor } from './presets.ts';

const defaults = Object.fromEntries(
  optionNames
    .map((name): [OptionName, unknown] => [name, optionRow(name).default])
    .filter(([, value]) => value !== undefined),
) as ResumeOptions;

/** Given options over the environment's preset over the defaults. @throws AgentError INVALID_OPTION */
export function resolveTrainOptions(given: ResumeOptions): ResolvedTrainOptions {
  const { learningStarts: usual = usualLearningStarts, ...preset } = presetFor(given.envId ?? '');
  const merged = { ...defaults, ...preset, ...withoutUndefined(given) };
  // A short run must not warm up to its end.
  const learningStarts = Math.min(usual, Math.floor(Number(merged.totalEnvSteps) / 10));
  return parseResolvedOptions({ learningStarts, ...merged });
}

/**
 * The options of a resumed run: those it was started with, and what may change of those given now.
 * @throws AgentError CONFIG_MISMATCH naming every option that differs, INVALID_OPTION
 */
export function resolveResumedOptions(
  stored: ResolvedTrainOptions,
  given: ResumeOptions,
): ResolvedTrainOptions {
  const changes = withoutUndefined(given);
  const resolved = parseResolvedOptions({ ...stored, ...changes });
  const differences = (Object.keys(changes) as (keyof ResolvedTrainOptions)[]).flatMap((key) => {
    const [before, now] = [canonicalJson(stored[key]), canonicalJson(resolved[key])];
    if (before === now || changeableOnResume.has(key)) return [];
    return [`${key}: the run was started with ${before}, got ${now}`];
  });
  if (differences.length > 0) throw new AgentError('CONFIG_MISMATCH', differences.join('; '));
  return resolved;
}

function withoutUndefined(options: ResumeOptions): ResumeOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
