import { createHash } from 'node:crypto';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { changeableOnResume } from './option-schema.ts';

/**
 * SHA-256 of the options as JSON with sorted keys, hex: the same options, the same hash, in any order. Without
 * those that a resumed run may change: one run has one hash, however often it is resumed.
 */
export function configHash(options: ResolvedTrainOptions): string {
  const fixed = Object.entries(options).filter(([key]) => !changeableOnResume.has(key));
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(fixed)))
    .digest('hex');
}

/** JSON with sorted keys. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => {
    if (typeof field !== 'object' || field === null || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
