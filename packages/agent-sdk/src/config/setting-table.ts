/**
 * What a config file may hold beside the options of training: how servers are reached, which runs there are, what computes
 * them, and where they are saved. Each is a flag of `gymwire train`, whose name it has in camelCase.
 */
import { z } from 'zod';
import { fleetModes } from '../fleet/fleet-options.ts';
import { learnerNames } from '../td3/choose-learner.ts';

/** What is known of one setting. */
export interface SettingRow<Value = unknown> {
  /** Type and range. */
  readonly schema: z.ZodType<Value>;
  /** A sentence or two, for whoever hovers over it. */
  readonly meaning: string;
  readonly flag: `--${string}`;
  /** Relative to the folder of the config file. */
  readonly isPath?: true;
  /** It says to whom something is shown or who is trusted: no file that everybody can write may. */
  readonly isTrusted?: true;
  /** The name of the same thing in `train`'s request, where that is another one. */
  readonly inRequest?: string;
}

/** Ties a row's value to its schema. */
function setting<Value, const More extends Omit<SettingRow, 'schema'>>(
  schema: z.ZodType<Value>,
  row: More,
): { readonly schema: z.ZodType<Value> } & More {
  return { schema, ...row };
}

const text = z.string().min(1);
const milliseconds = z.int().positive();

/** `0-4`, `0,3,7`, or both. */
const seedsText = /^\s*\d+(-\d+)?\s*(,\s*\d+(-\d+)?\s*)*$/;

/** In the order in which the JSON Schema lists them, behind the options. */
export const settingTable = {
  seeds: setting(
    z.union(
      [z.string().regex(seedsText), z.array(z.int().nonnegative()).min(1).readonly()],
      'expected seeds such as 0-4, or [0, 3, 7]',
    ),
    {
      meaning: 'Train once with each of these seeds: 0-4, or [0, 3, 7]. Instead of `seed`.',
      flag: '--seeds',
    },
  ),
  parallel: setting(z.int().positive(), {
    meaning: 'Runs of `seeds` at a time. Default: half as many as there are cores, and one at least.',
    flag: '--parallel',
  }),
  out: setting(text, {
    meaning:
      'Where the run is saved, or the runs. Default: runs/<env>-seed<seed> or runs/<env>-seeds<list>, below the folder that the command is started in.',
    flag: '--out',
    isPath: true,
    inRequest: 'runFolder',
  }),
  learner: setting(z.enum(learnerNames), {
    meaning: 'What computes. Default: auto.',
    flag: '--learner',
  }),
  learnerThreads: setting(z.union([z.literal('auto'), z.literal(1), z.literal(2)], 'expected auto, 1 or 2'), {
    meaning: 'Threads of the compiled learner. Default: auto.',
    flag: '--learner-threads',
  }),
  server: setting(
    z.union([text, z.array(text).min(1).readonly()], 'expected an address, or a list of addresses'),
    {
      meaning:
        'Server to train against, host:port or unix:/path; a list is a fleet. Default: one of the command’s own.',
      flag: '--server',
      isTrusted: true,
    },
  ),
  serversFile: setting(text, {
    meaning: 'File with the servers of a fleet, one a line. Instead of `server`.',
    flag: '--servers-file',
    isPath: true,
    isTrusted: true,
  }),
  fleetMode: setting(z.enum(fleetModes), {
    meaning:
      'Of a fleet: `strict` waits for every host, `elastic` goes on without a slow one, and no run is reproducible. Default: strict.',
    flag: '--fleet-mode',
  }),
  evalServer: setting(text, {
    meaning: 'Play evaluations there, while training goes on. Default: where training is, in turns.',
    flag: '--eval-server',
    isTrusted: true,
    inRequest: 'evaluationServer',
  }),
  tokenFile: setting(text, {
    meaning: 'File with the token that the server asks for.',
    flag: '--token-file',
    isPath: true,
    isTrusted: true,
  }),
  tls: setting(z.boolean(), {
    meaning: 'Encrypt, and trust the authorities that Node trusts.',
    flag: '--tls',
    isTrusted: true,
  }),
  ca: setting(text, {
    meaning: 'Encrypt, and trust the authorities in this file (PEM) instead.',
    flag: '--ca',
    isPath: true,
    isTrusted: true,
  }),
  tlsCert: setting(text, {
    meaning: 'File with the certificate (PEM) for a server that asks for one.',
    flag: '--tls-cert',
    isPath: true,
    isTrusted: true,
  }),
  tlsKey: setting(text, {
    meaning: 'File with the private key of `tlsCert` (PEM).',
    flag: '--tls-key',
    isPath: true,
    isTrusted: true,
  }),
  tlsServerName: setting(text, {
    meaning: 'Name in the server’s certificate, if not the host in its address.',
    flag: '--tls-server-name',
    isTrusted: true,
  }),
  insecure: setting(z.boolean(), {
    meaning: 'Show the token to another machine without TLS: the network itself is trusted.',
    flag: '--insecure',
    isTrusted: true,
  }),
  callDeadlineMs: setting(milliseconds, {
    meaning: 'Longest answer to a reset, or any call but a step, in milliseconds. Default: 60 000.',
    flag: '--call-deadline-ms',
  }),
  stepDeadlineMs: setting(milliseconds, {
    meaning: 'Longest answer to a step, in milliseconds. Default: `callDeadlineMs`.',
    flag: '--step-deadline-ms',
  }),
  reconnectTimeoutMs: setting(z.int().nonnegative(), {
    meaning: 'How long to try when the connection breaks, in milliseconds; 0: not at all. Default: 60 000.',
    flag: '--reconnect-timeout-ms',
  }),
};

export type SettingName = keyof typeof settingTable;

/** The names of all settings, in their order. */
export const settingNames = Object.keys(settingTable) as readonly SettingName[];

/** What a config file says beside the options of training; paths lead from the working directory. */
export type ConfigSettings = {
  readonly [Name in SettingName]?: z.infer<(typeof settingTable)[Name]['schema']>;
};

/** One setting's row, whatever its type. */
export function settingRow(name: SettingName): SettingRow {
  return settingTable[name];
}

/** Keys of which a file has one at most. */
export const alternatives = [
  ['seed', 'seeds'],
  ['server', 'serversFile'],
] as const;
