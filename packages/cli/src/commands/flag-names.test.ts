import { AgentError, type TrainOptions } from '@gymwire/agent-sdk';
import { resolveTrainOptions } from '@gymwire/agent-sdk/parts';
import { expect, it } from 'vitest';
import { inFlags } from './flag-names.ts';

function refusal(options: Partial<TrainOptions>, flags: object = {}): unknown {
  try {
    return resolveTrainOptions({ envId: 'Pendulum-v1', ...options });
  } catch (error) {
    return inFlags(error, { ...flags });
  }
}

it.each<[Partial<TrainOptions>, string]>([
  [{ gamma: 2 }, '--gamma (gamma): Too big: expected number to be <=1, got 2'],
  [{ tau: 2 }, '--tau (tau): Too big: expected number to be <=1, got 2'],
  [{ hiddenSizes: [0] }, '--hidden 0 (hiddenSizes): Too small: expected number to be >0, got 0'],
  [
    { totalEnvSteps: 100, learningStarts: 100 },
    '--learning-starts (learningStarts): expected less than --steps (100), or nothing is learnt; got 100',
  ],
])('a wrong option is told by its name and its flag: %j', (options, message) => {
  expect(refusal(options)).toMatchObject({ code: 'INVALID_OPTION', message });
});

it('options that a short flag set are told by that one', () => {
  const wrong = { actorLearningRate: 0, criticLearningRate: 0 };
  const fault = 'Too small: expected number to be >0, got 0';
  const both = (actor: string, critic: string) =>
    `${actor} (actorLearningRate): ${fault}; ${critic} (criticLearningRate): ${fault}`;
  expect(refusal(wrong, { lr: 0 })).toMatchObject({ message: both('--lr', '--lr') });
  expect(refusal(wrong, { actorLr: 0, criticLr: 0 })).toMatchObject({
    message: both('--actor-lr', '--critic-lr'),
  });
});

it.each<[string, string]>([
  ['seed: the run was started with 1, got 2', '--seed (seed): the run was started with 1, got 2'],
  ['envArguments.g: the options say 5, …', '--env-arg g (envArguments): the options say 5, …'],
  [
    'hiddenSizes 9,9: networks would take 8 GB; this machine …',
    '--hidden (hiddenSizes) 9,9: networks would take 8 GB; this machine …',
  ],
  [
    'learnerThreads: only the compiled learner has threads; got 2 with learner tfjs',
    '--learner-threads (learnerThreads): only the compiled learner has threads; got 2 with learner tfjs',
  ],
  ['run/config.json: gamma is 0.5, the run …', 'run/config.json: gamma is 0.5, the run …'],
])('so is one that differs, or is too much: %s', (message, renamed) => {
  expect(inFlags(new AgentError('CONFIG_MISMATCH', message))).toMatchObject({ message: renamed });
});

it('names the flag that goes on with a run', () => {
  const error = new AgentError(
    'RUN_EXISTS',
    'x: go on with it (resume: true) or choose another folder (runFolder)',
  );
  expect(inFlags(error)).toMatchObject({
    message: 'x: go on with it (--resume) or choose another folder (--out)',
  });
});

it('says in flags how a run begins, where there is none to resume', () => {
  const error = new AgentError('RUN_NOT_FOUND', 'nothing at x; to begin a new run, leave resume away');
  expect(inFlags(error)).toMatchObject({
    message: 'nothing at x; to begin a new run, give --env, and no --resume',
  });
});

it('leaves everything else alone', () => {
  const errors = [new Error('seed: no'), new AgentError('RUN_BUSY', 'seed: no')];
  for (const error of errors) expect(inFlags(error)).toBe(error);
});
