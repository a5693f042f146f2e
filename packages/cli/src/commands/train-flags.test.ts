import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { flagOf } from './flag-names.ts';
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
  ['--seed 3', { seed: 3 }],
  ['--steps 100', { totalEnvSteps: 100 }],
  ['--num-envs 4', { numEnvs: 4 }],
  ['--autoreset next-step', { autoresetMode: 'next-step' }],
  ['--mode alternating', { mode: 'alternating' }],
  ['--hidden 256,128', { hiddenSizes: [256, 128] }],
  ['--batch-size 64', { batchSize: 64 }],
  ['--lr 1e-3', { actorLearningRate: 1e-3, criticLearningRate: 1e-3 }],
  ['--gamma 0.98', { gamma: 0.98 }],
  ['--gradient-steps 0.5', { gradientStepsPerTransition: 0.5 }],
  ['--normalize-observations', { normalizeObservations: true }],
  ['--learning-starts 0', { learningStarts: 0 }],
  ['--buffer-size 1000', { bufferSize: 1000 }],
  ['--exploration-noise 0.3', { explorationNoise: 0.3 }],
  ['--checkpoint-every 10', { checkpointInterval: 10 }],
  ['--eval-every 20', { evaluationInterval: 20 }],
  ['--eval-episodes 5', { evaluationEpisodes: 5 }],
  ['--stop-at -150', { stopAtReturn: -150 }],
];

describe('the flags of train', () => {
  it.each(given)('%s', (args, options) => {
    expect(parse(...args.split(' '))).toEqual(options);
  });

  it('are all tried here', () => {
    const flags = addOptionFlags(new Command()).options.map((option) => option.long);
    expect(given.map(([args]) => args.split(' ', 1)[0])).toEqual(flags);
  });

  it('are what errors call the options that they set', () => {
    for (const [args, options] of given) {
      for (const name of Object.keys(options)) expect(flagOf).toHaveProperty(name, args.split(' ', 1)[0]);
    }
    const set = given.flatMap(([, options]) => Object.keys(options));
    expect(Object.keys(flagOf).sort()).toEqual(set.sort());
  });

  it('leave to the preset, the default or the resumed run what they do not say', () => {
    expect(Object.values(parse()).every((value) => value === undefined)).toBe(true);
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
  ])('refuse %s', (args) => {
    expect(() => parse(...args.split(' '))).toThrow(/invalid/);
  });
});
