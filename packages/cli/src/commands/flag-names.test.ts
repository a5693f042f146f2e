import { AgentError, resolveTrainOptions, type TrainOptions } from '@gymwire/agent-sdk';
import { expect, it } from 'vitest';
import { inFlags } from './flag-names.ts';

function refusal(options: Partial<TrainOptions>): unknown {
  try {
    return resolveTrainOptions({ envId: 'Pendulum-v1', ...options });
  } catch (error) {
    return inFlags(error);
  }
}

it.each<[Partial<TrainOptions>, string]>([
  [{ actorLearningRate: 0, criticLearningRate: 0 }, '--lr: Too small: expected number to be >0, got 0'],
  [{ gamma: 2 }, '--gamma: Too big: expected number to be <=1, got 2'],
  [
    { totalEnvSteps: 100, learningStarts: 100 },
    '--learning-starts: expected less than --steps (100), or nothing is learnt; got 100',
  ],
  // Nothing sets it but code.
  [{ tau: 2 }, 'tau: Too big: expected number to be <=1, got 2'],
])('a wrong option is told by its flag: %j', (options, message) => {
  expect(refusal(options)).toMatchObject({ code: 'INVALID_OPTION', message });
});

it.each<[string, string]>([
  ['seed: the run was started with 1, got 2', '--seed: the run was started with 1, got 2'],
  ['envArguments.g: the options say 5, …', '--env-arg g: the options say 5, …'],
  [
    'hiddenSizes 9,9: networks would take 8 GB; this machine …',
    '--hidden 9,9: networks would take 8 GB; this machine …',
  ],
  ['run/config.json: gamma is 0.5, the run …', 'run/config.json: gamma is 0.5, the run …'],
])('so is one that differs, or is too much: %s', (message, renamed) => {
  expect(inFlags(new AgentError('CONFIG_MISMATCH', message))).toMatchObject({ message: renamed });
});

it('leaves everything else alone', () => {
  const errors = [new Error('seed: no'), new AgentError('RUN_BUSY', 'seed: no')];
  for (const error of errors) expect(inFlags(error)).toBe(error);
});
