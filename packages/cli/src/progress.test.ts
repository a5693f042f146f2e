import type { ProgressEvent } from '@gymwire/agent-sdk';
import { describe, expect, it } from 'vitest';
import type { Output } from './output.ts';
import { createLines } from './progress.ts';

function linesOf(maxEpisodeSteps: number, ended: readonly number[]): string[] {
  const said: string[] = [];
  const output = { isJson: false, say: (text: string) => void said.push(text), note: () => undefined };
  const lines = createLines(output as Partial<Output> as Output);
  const start = {
    type: 'start',
    envId: 'Arm-v0',
    maxEpisodeSteps,
    envSteps: 0,
    totalEnvSteps: 9,
    replayBytes: 1,
  };
  lines.show(start as Partial<ProgressEvent> as ProgressEvent);
  for (const episodesEnded of ended) {
    lines.show({ type: 'evaluating', envSteps: 5, steps: 1000, episodesEnded, episodes: 2 });
  }
  return said;
}

describe('an environment without a time limit', () => {
  it('is told of with what to do, until an episode has ended by itself', () => {
    const [start, first, second] = linesOf(0, [0, 1]);
    expect(start).toMatch(/; no time limit \(.*: --max-episode-steps, maxEpisodeSteps in code\); /);
    expect(first).toMatch(/: 0 of 2 episodes ended, 1000 steps, no time limit \(.*--max-episode-steps/);
    expect(second).toBe('step 5: evaluating: 1 of 2 episodes ended, 1000 steps');
  });

  it('is not what one with a limit is taken for', () => {
    expect(linesOf(50, [0])).toEqual([
      expect.stringContaining('; 50 steps an episode; '),
      'step 5: evaluating: 0 of 2 episodes ended, 1000 steps',
    ]);
  });
});
