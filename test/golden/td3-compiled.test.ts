import { createCompiledLearner } from '@gymwire/agent-sdk/parts';
import { describe, expect, it } from 'vitest';
import { expectGolden, readGoldenCase } from './td3-case.ts';

describe.each(['td3_small', 'td3_wide'])('TD3 golden vectors on the compiled learner: %s', (name) => {
  it.each(['caller', 'worker'] as const)('computing in the thread of the %s', async (thread) => {
    const golden = readGoldenCase(name);
    const learner = await createCompiledLearner(golden.options, golden.initial, { thread });
    await expectGolden(golden, learner);
    await learner.dispose();
    expect(learner.description).toMatch(/^compiled/);
  });
});
