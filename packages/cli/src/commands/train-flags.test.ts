import { type OptionFlag, optionNames, optionRow, optionShorthands } from '@gymwire/agent-sdk/parts';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addOptionFlags, type OptionFlags, trainOptions } from './train-flags.ts';

function parse(...args: string[]) {
  const command = addOptionFlags(new Command('train'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parse(args, { from: 'user' });
  return trainOptions(command.opts<OptionFlags>());
}

const given: readonly (readonly [args: string, options: object])[] = [
  ['--env Pendulum-v1', { envId: 'Pendulum-v1' }],
  ['--env-arg g=9.81 --env-arg quick=true', { envArguments: { g: 9.81, quick: true } }],
  ['--max-episode-steps 0', { maxEpisodeSteps: 0 }],
  ['--num-envs 4', { numEnvs: 4 }],
  ['--autoreset next-step', { autoresetMode: 'next-step' }],
  ['--seed 3', { seed: 3 }],
  ['--steps 100', { totalEnvSteps: 100 }],
  ['--stop-at -150', { stopAtReturn: -150 }],
  ['--hidden 256,128', { hiddenSizes: [256, 128] }],
  ['--actor-lr 1e-4', { actorLearningRate: 1e-4 }],
  ['--critic-lr 1e-3', { criticLearningRate: 1e-3 }],
  ['--batch-size 64', { batchSize: 64 }],
  ['--gamma 0.98', { gamma: 0.98 }],
  ['--tau 0.01', { tau: 0.01 }],
  ['--policy-delay 3', { policyDelay: 3 }],
  ['--target-policy-noise 0.1', { targetPolicyNoise: 0.1 }],
  ['--target-noise-clip 0.3', { targetNoiseClip: 0.3 }],
  ['--gradient-steps 0.5', { gradientStepsPerTransition: 0.5 }],
  ['--mode alternating', { mode: 'alternating' }],
  ['--normalize-observations', { normalizeObservations: true }],
  ['--no-normalize-observations', { normalizeObservations: false }],
  ['--buffer-size 1000', { bufferSize: 1000 }],
  ['--learning-starts 0', { learningStarts: 0 }],
  ['--exploration-noise 0.3', { explorationNoise: 0.3 }],
  ['--exploration-noise-type ornstein-uhlenbeck', { explorationNoiseType: 'ornstein-uhlenbeck' }],
  ['--eval-every 20', { evaluationInterval: 20 }],
  ['--eval-episodes 5', { evaluationEpisodes: 5 }],
  ['--log-every 7', { logInterval: 7 }],
  ['--checkpoint-every 10', { checkpointInterval: 10 }],
  ['--lr 1e-3', { actorLearningRate: 1e-3, criticLearningRate: 1e-3 }],
];

describe('the flags of train', () => {
  it.each(given)('%s', (args, options) => {
    expect(parse(...args.split(' '))).toEqual(options);
  });

  it('are all tried here, one for every option', () => {
    const flags = addOptionFlags(new Command()).options.map((option) => option.long);
    expect(given.map(([args]) => args.split(' ', 1)[0])).toEqual(flags);
    const rows = [...optionNames.map((name) => optionRow(name)), ...optionShorthands];
    const withNo = rows.flatMap(({ flag: { name, value } }: { flag: OptionFlag }) =>
      value === undefined ? [name, name.replace('--', '--no-')] : [name],
    );
    expect(flags).toEqual(withNo);
  });

  it('leave to the preset, the default or the resumed run what they do not say', () => {
    expect(parse()).toEqual({});
  });

  it.each([
    '--hidden 256,',
    '--hidden 0',
    '--hidden 1.5',
    '--hidden wide',
    '--num-envs 0',
    '--batch-size 1.5',
    '--lr fast',
    '--mode both',
    '--autoreset never',
    '--eval-episodes 0',
    '--max-episode-steps 4294967296',
    '--exploration-noise-type pink',
  ])('refuse %s', (args) => {
    expect(() => parse(...args.split(' '))).toThrow(/invalid/);
  });

  it.each(['--lr 1 --actor-lr 1', '--critic-lr 1 --lr 1'])(
    'refuse the short one beside the long: %s',
    (args) => {
      expect(() => parse(...args.split(' '))).toThrow(
        /'--lr <rate>' cannot be used with option '--(actor|critic)-lr/,
      );
    },
  );
});
