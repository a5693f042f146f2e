import type { Rule, RuleDescription } from '../rule.ts';
import { actionRules, malformedRules } from './action-rules.ts';
import { attachRules, closeRules, streamRules } from './attach-rules.ts';
import { authRules } from './auth-rules.ts';
import { autoresetRules } from './autoreset-rules.ts';
import { batchRules } from './batch-rules.ts';
import { callRules } from './call-rules.ts';
import { errorRules } from './error-rules.ts';
import { handshakeRules } from './handshake-rules.ts';
import { limitRules } from './limit-rules.ts';
import { listingRules } from './listing-rules.ts';
import { makingRules } from './making-rules.ts';
import { orderRules } from './order-rules.ts';
import { renderRules } from './render-rules.ts';
import { resetRules, seedingRules } from './seeding-rules.ts';
import { sequenceRules } from './sequence-rules.ts';
import { serviceRules } from './service-rules.ts';
import { spaceRules } from './space-rules.ts';
import { stepRules } from './step-rules.ts';
import { stepSeedRules } from './step-seed-rules.ts';
import { valueRules } from './value-rules.ts';

/** Every rule, in the order of docs/protocol.md. */
export const rules: readonly Rule[] = [
  ...serviceRules,
  ...authRules,
  ...handshakeRules,
  ...listingRules,
  ...makingRules,
  ...spaceRules,
  ...seedingRules,
  ...resetRules,
  ...orderRules,
  ...stepRules,
  ...actionRules,
  ...autoresetRules,
  ...stepSeedRules,
  ...batchRules,
  ...sequenceRules,
  ...attachRules,
  ...streamRules,
  ...closeRules,
  ...valueRules,
  ...malformedRules,
  ...errorRules,
  ...renderRules,
  ...callRules,
  ...limitRules,
];

/** What the rules ask for, without the rules. */
export function describeRules(): RuleDescription[] {
  return rules.map(({ id, requires, section }) => ({ id, requires, section }));
}
