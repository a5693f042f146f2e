import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EnvServer, type EnvServerOptions, startEnvServer } from '@gymwire/env-server';
import { GymwireError, messageOf } from '@gymwire/protocol';
import { builtinEnvs, conformanceEnv } from '@gymwire/simulators';
import { type Command, Option } from 'commander';
import { pino } from 'pino';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { collectModelEnv, type ModelEnv, readModelEnvs } from '../model-envs.ts';
import { addModuleFlags, type ModuleFlags, readModuleEnvs } from '../module-envs.ts';
import { repeatable } from '../once-only.ts';
import { writeOperatorFile } from '../operator-file.ts';
import type { Output } from '../output.ts';
import { integer, serverPort } from '../parse-arguments.ts';
import { readTrusted } from '../read-text.ts';
import { watchStrayFaults } from '../stray-faults.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandContext } from './command-context.ts';

interface ServeFlags extends ModuleFlags {
  readonly host: string;
  readonly port?: number;
  readonly tokenFile?: string;
  readonly operatorTokenFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly insecure?: boolean;
  readonly maxSessions?: number;
  readonly maxConnections?: number;
  readonly idleTimeoutMs?: number;
  readonly makeTimeoutMs?: number;
  readonly resetTimeoutMs?: number;
  readonly stepTimeoutMs?: number;
  readonly firstStepTimeoutMs?: number;
  readonly closeTimeoutMs?: number;
  readonly strictInfo?: boolean;
  readonly drainTimeoutMs?: number;
  readonly conformance?: boolean;
  readonly xml: readonly ModelEnv[];
  readonly logLevel: string;
}

export function defineServe(command: Command, { run }: CommandContext): void {
  command
    .option(
      '--host <address>',
      'address to listen on; anything but loopback needs a token, a certificate or --insecure; unix:/path: a socket for this user alone',
      '127.0.0.1',
    )
    .option('--port <number>', 'port; 50051; 0 picks a free one', serverPort)
    .option('--token-file <file>', 'file with the token that every call must carry')
    .option('--tls-cert <file>', 'certificate (PEM), followed by those between it and its authority')
    .option('--tls-key <file>', 'private key of --tls-cert (PEM, not encrypted)')
    .option('--tls-client-ca <file>', 'authorities (PEM) of the certificates that clients must show')
    .option('--insecure', 'listen on --host without encryption or authentication')
    .option(
      '--operator-token-file <file>',
      'file with the token for `gymwire sessions`; default: one is made',
    )
    .option('--max-sessions <number>', 'sessions at a time; 64', integer(1))
    .option('--capacity <number>', 'environments at a time: its share of a fleet; its cores', integer(1))
    .option(
      '--max-connections <number>',
      'connections at a time; 1 000, or four times --max-sessions where that is more',
      integer(1),
    )
    .option('--idle-timeout-ms <ms>', 'close a session that nobody uses after this long; 600 000', integer(1))
    .option('--make-timeout-ms <ms>', 'longest making of a simulator; 120 000', integer(1))
    .option('--reset-timeout-ms <ms>', 'longest reset; 120 000', integer(1))
    .option('--step-timeout-ms <ms>', 'longest step or picture; 30 000', integer(1))
    .option(
      '--first-step-timeout-ms <ms>',
      'longest first step of a session, which may compile; 120 000, or --step-timeout-ms where that is given',
      integer(1),
    )
    .option('--close-timeout-ms <ms>', 'longest closing of a simulator; 5 000', integer(1))
    .option('--strict-info', 'a step whose info holds what cannot travel fails; else that is left out')
    .option(
      '--drain-timeout-ms <ms>',
      'how long sessions may go on after Ctrl-C or SIGTERM; 5 000',
      integer(0),
    )
    .option('--conformance', 'offer gymwire/Conformance-v0 too, the environment of conformance tests')
    .addOption(
      repeatable(
        '--xml <id=[task:]file>',
        "offer a MuJoCo model of yours, by itself (a step is five physics steps) or with a task's rules, such as Ant-v5's",
        collectModelEnv,
        [],
      ),
    );
  addModuleFlags(command)
    .addOption(
      new Option('--log-level <level>', 'JSON lines on stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('warn'),
    )
    .action((flags: ServeFlags) => run((output) => serveCommand(flags, output)));
}

async function serveCommand(flags: ServeFlags, output: Output): Promise<ExitCode> {
  const logger = pino({ name: 'gymwire', level: flags.logLevel }, pino.destination(2));
  const { logLevel: _, conformance = false, xml, module, isolate, maxMemoryMb, ...rest } = flags;
  const { tokenFile, tlsCert, tlsKey, tlsClientCa, operatorTokenFile, ...options } = rest;
  const secrets = await readSecrets({ tokenFile, tlsCert, tlsKey, tlsClientCa });
  const secretFiles = {
    '--token-file': tokenFile,
    '--operator-token-file': operatorTokenFile,
    '--tls-key': tlsKey,
  };
  if (Object.values(secretFiles).some((path) => path !== undefined)) {
    // A server loads nothing of the trainer, unless it has secrets to look after.
    const { warningsOfOpenFiles } = await import('@gymwire/agent-sdk/parts');
    for (const warning of await warningsOfOpenFiles(secretFiles)) logger.warn(warning);
  }
  const models = await readModelEnvs(xml);
  const modules = await readModuleEnvs({ module, isolate, maxMemoryMb });
  const builtin = [...builtinEnvs, ...(conformance ? [conformanceEnv] : [])];
  const envs = [...builtin, ...models, ...modules];
  const inThread = modules.filter((registration) => registration.isolate === undefined);
  const faults = watchStrayFaults(
    logger,
    inThread.map(({ id }) => id),
  );
  const operatorToken =
    operatorTokenFile === undefined
      ? randomBytes(24).toString('base64url')
      : await readTrusted('--operator-token-file', operatorTokenFile);
  const server = await startEnvServer({ ...options, ...secrets, operatorToken, envs, logger }).catch(
    (error: unknown) => {
      throw inServeFlags(error);
    },
  );
  const forget =
    operatorTokenFile === undefined
      ? await leaveToken(server, operatorToken, tlsCert !== undefined, output)
      : async () => undefined;
  output.say(`serving on ${server.address} (Ctrl-C stops)`);
  output.say(server.envIds.join(', '));
  output.event('listening', {
    address: server.address,
    host: server.host,
    port: server.port,
    envs: server.envIds,
  });
  const end = await Promise.race([faults.exception, untilEnded(server, output)]);
  if (typeof end !== 'boolean') await server.shutdown();
  faults.release();
  await forget();
  if (typeof end !== 'boolean') throw end;
  if (end) return exitCodes.success;
  // What was not waited for may keep the process.
  process.exit(exitCodes.interrupted);
}

/** What a server says of being open to all, in flags. */
function inServeFlags(thrown: unknown): unknown {
  if (!(thrown instanceof GymwireError)) return thrown;
  const message = thrown.message
    .replace(/^(host|port): /, '--$1: ')
    .replace(
      'set tls and token, or say insecure if',
      'give --tls-cert, --tls-key and --token-file, or --insecure if',
    );
  if (message === thrown.message) return thrown;
  return new GymwireError(thrown.code, message, { cause: thrown.cause });
}

/** Time for the last words to those who are connected. */
const hurryMs = 500;

/**
 * Until a signal comes. Sessions may then go on for a while, unless another one comes.
 * @returns whether all ended in good order
 */
async function untilEnded(server: EnvServer, output: Output): Promise<boolean> {
  const hurry = new AbortController();
  const farewell = () => {
    const open = server.sessionCount;
    const sessions = open === 1 ? '1 session' : `${open} sessions`;
    output.note(
      open === 0 ? 'shutting down' : `shutting down: ${sessions} may end first; again ends at once`,
    );
  };
  const { signal, release } = onInterrupt(farewell, '', undefined, () => hurry.abort());
  await once(signal, 'abort');
  const drained = server.drain();
  const atOnce = once(hurry.signal, 'abort').then(async () => {
    output.note('ending at once');
    await Promise.race([server.shutdown(), sleep(hurryMs)]);
  });
  await Promise.race([drained, atOnce]);
  release();
  return !hurry.signal.aborted;
}

/** Leaves the token for `gymwire sessions`. @returns takes it back */
async function leaveToken(
  server: EnvServer,
  token: string,
  tls: boolean,
  output: Output,
): Promise<() => Promise<void>> {
  const { address } = server;
  try {
    return await writeOperatorFile({ address, token, tls });
  } catch (error) {
    output.note(`gymwire sessions will not find this server: ${messageOf(error)}`);
    return async () => undefined;
  }
}

type SecretFlags = {
  readonly [Key in 'tokenFile' | 'tlsCert' | 'tlsKey' | 'tlsClientCa']: string | undefined;
};

async function readSecrets(flags: SecretFlags): Promise<Pick<EnvServerOptions, 'token' | 'tls'>> {
  const { tokenFile, tlsCert, tlsKey, tlsClientCa } = flags;
  const token = tokenFile === undefined ? {} : { token: await readTrusted('--token-file', tokenFile) };
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return token;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError('serve: TLS needs both --tls-cert and --tls-key');
  }
  return {
    ...token,
    tls: {
      certificate: await readTrusted('--tls-cert', tlsCert),
      privateKey: await readTrusted('--tls-key', tlsKey),
      ...(tlsClientCa !== undefined && { clientCa: await readTrusted('--tls-client-ca', tlsClientCa) }),
    },
  };
}
