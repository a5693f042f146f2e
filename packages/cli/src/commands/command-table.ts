/** The commands, in the order of `--help`. What a command consists of is loaded when it is named, and nothing else is. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';

/** Gives a command its flags and its body. */
export type DefineCommand = (command: Command, context: CommandContext) => void;

export interface CommandRow {
  readonly name: string;
  readonly description: string;
  /** What it takes beside flags, and what that means, where the description does not say it. */
  readonly argument?: readonly [name: string, meaning?: string];
  /** What follows the name, for whoever left away what it needs. */
  readonly example?: string;
  readonly load: () => Promise<DefineCommand>;
}

export const commandTable: readonly CommandRow[] = [
  {
    name: 'serve',
    description: 'serve the built-in environments, and yours, until Ctrl-C',
    load: async () => (await import('./serve.ts')).defineServe,
  },
  {
    name: 'sessions',
    description: 'list the sessions of the servers that you run, and end one',
    load: async () => (await import('./sessions.ts')).defineSessions,
  },
  {
    name: 'envs',
    description: 'list the environments of a server and the arguments that they take',
    load: async () => (await import('./envs.ts')).defineEnvs,
  },
  {
    name: 'train',
    description: 'train TD3 on an environment',
    load: async () => (await import('./train.ts')).defineTrain,
  },
  {
    name: 'presets',
    argument: [
      '[env]',
      'prints its preset as a config file for train --config; without it, lists all presets',
    ],
    description: 'print an environment’s preset as a config file',
    load: async () => (await import('./presets.ts')).definePresets,
  },
  {
    name: 'eval',
    argument: ['<policy>'],
    example: 'runs/Pendulum-v1-seed0',
    description: 'play a run’s best policy, or an .onnx file, without noise',
    load: async () => (await import('./eval.ts')).defineEval,
  },
  {
    name: 'export',
    argument: ['<run>'],
    example: 'runs/Pendulum-v1-seed0 --out policy.onnx',
    description: 'turn a run’s best policy into one verified .onnx file',
    load: async () => (await import('./export.ts')).defineExport,
  },
  {
    name: 'verify',
    argument: ['<policy>'],
    example: 'policy.onnx',
    description: 'check that an .onnx policy is whole and does what it says, from the file alone',
    load: async () => (await import('./verify.ts')).defineVerify,
  },
  {
    name: 'run',
    argument: ['<policy>'],
    example: 'policy.onnx',
    description: 'drive one environment with an .onnx policy, episode after episode',
    load: async () => (await import('./run.ts')).defineRun,
  },
  {
    name: 'conformance',
    argument: [
      '<address>',
      'host:port or unix:/path of a server that offers gymwire/Conformance-v0 (gymwire serve --conformance) or batch simulators',
    ],
    example: '127.0.0.1:50051',
    description: 'hold the rules of the protocol against a server, in whatever language it is written',
    load: async () => (await import('./conformance.ts')).defineConformance,
  },
  {
    name: 'demo',
    description: 'serve, train, export and deploy a policy for Pendulum-v1',
    load: async () => (await import('./demo.ts')).defineDemo,
  },
  {
    name: 'completion',
    example: 'bash',
    description: 'print a script that has a shell complete commands, flags and their values',
    load: async () => (await import('./completion.ts')).defineCompletion,
  },
];
