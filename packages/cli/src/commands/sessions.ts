import { connectOperator, type OperatorConnection } from '@gymwire/agent-sdk/parts';
import { GymwireError, messageOf, type SessionSummary } from '@gymwire/protocol';
import { parseServerAddress } from '@gymwire/protocol/wire';
import type { Command } from 'commander';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { isListening } from '../is-listening.ts';
import { type OperatorAccess, readOperatorFile, readOperatorFiles } from '../operator-file.ts';
import type { Output } from '../output.ts';
import { integer } from '../parse-arguments.ts';
import { readTrusted } from '../read-text.ts';
import { addInsecureFlag, addTlsFlags, type TlsFlags, tlsOptions } from '../server-flags.ts';
import { formatColumns, formatDuration, printable } from '../text-table.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandContext } from './command-context.ts';

interface SessionsFlags extends TlsFlags {
  readonly port?: number;
  readonly server?: string;
  readonly operatorTokenFile?: string;
  readonly insecure?: boolean;
  readonly end?: string;
}

export function defineSessions(command: Command, { run }: CommandContext): void {
  command
    .option(
      '--port <number>',
      'of one server on this machine that you started; default: all that you started here',
      integer(1, 65_535),
    )
    .option(
      '--server <address>',
      'host:port of one elsewhere, which needs --operator-token-file; or unix:/path of one that you started here',
    )
    .option('--operator-token-file <file>', 'file with the token that serve was given for its operator')
    .option('--end <handle>', 'end this session; its client is told');
  addInsecureFlag(addTlsFlags(command)).action((flags: SessionsFlags) =>
    run((output) => sessionsCommand(flags, output)),
  );
}

async function sessionsCommand(flags: SessionsFlags, output: Output): Promise<ExitCode> {
  const { server, port, operatorTokenFile, end: handle } = flags;
  if (server === undefined && port === undefined) {
    if (operatorTokenFile !== undefined) {
      throw new UsageError(
        'sessions: --operator-token-file: of which server? Say so with --server or --port',
      );
    }
    return askAll(flags, output);
  }
  const found = await findServer(flags);
  await ask(found, await tlsOptions(flags), (connection) =>
    handle === undefined ? list(connection, output) : end(connection, handle, output),
  );
  return exitCodes.success;
}

/** All servers that this user started on this machine. One that cannot be asked hides no other. */
async function askAll(flags: SessionsFlags, output: Output): Promise<ExitCode> {
  const { end: handle } = flags;
  const how = await tlsOptions(flags);
  const known = (await readOperatorFiles()).map((access) => ({
    ...access,
    address: reachable(access.address),
    insecure: true,
  }));
  const areUp = await Promise.all(known.map(({ address }) => isListening(address)));
  const servers = known.filter((_, i) => areUp[i]);
  const gone = known.length - servers.length;
  if (gone > 0) output.note(`${gone} that ended without a word (killed?) are left out`);
  if (servers.length === 0 && handle === undefined) {
    output.say('no server that you started runs on this machine');
    return exitCodes.success;
  }
  let exit: ExitCode = exitCodes.success;
  let isEnded = false;
  for (const server of servers) {
    try {
      await ask(server, server.tls ? how : {}, async (connection) => {
        if (handle === undefined) await list(connection, output);
        else isEnded ||= await endIfThere(connection, handle, output);
      });
    } catch (error) {
      if (!(error instanceof GymwireError || error instanceof UsageError)) throw error;
      output.note(`not reached: ${error.message}`);
      exit = exitCodes.server;
    }
    if (isEnded) return exitCodes.success;
  }
  if (handle === undefined) return exit;
  const where = `the ${servers.length} servers that you run on this machine`;
  throw new GymwireError('SESSION_GONE', `no session ${printable(handle)} at ${where}`);
}

type FoundServer = OperatorAccess & { readonly insecure: boolean };

/** @throws UsageError, GymwireError as the server does */
async function ask(
  { address, token, tls, insecure }: FoundServer,
  how: Awaited<ReturnType<typeof tlsOptions>>,
  work: (connection: OperatorConnection) => Promise<void>,
): Promise<void> {
  if (tls && how.tls === undefined) {
    throw new UsageError(`sessions: ${address} speaks TLS: say with --ca who signed its certificate`);
  }
  const connection = connectOperator(address, { token, insecure, ...how });
  try {
    await work(connection);
  } finally {
    connection.close();
  }
}

async function endIfThere(connection: OperatorConnection, handle: string, output: Output): Promise<boolean> {
  const { sessions } = await connection.listSessions();
  if (!sessions.some((session) => session.handle === handle)) return false;
  await end(connection, handle, output);
  return true;
}

/** @throws UsageError, GymwireError SERVER_UNAVAILABLE when no server of this user's is known here */
async function findServer({
  port,
  server,
  operatorTokenFile,
  insecure = false,
}: SessionsFlags): Promise<FoundServer> {
  if (server !== undefined && port !== undefined) {
    throw new UsageError('sessions: --server and --port: give one of them');
  }
  const wanted = parseServerAddress(server ?? `127.0.0.1:${port}`, false);
  if (operatorTokenFile !== undefined) {
    const token = await readTrusted('--operator-token-file', operatorTokenFile);
    return { address: wanted.text, token, tls: false, insecure };
  }
  const where = wanted.kind === 'unix' ? wanted.text : `port ${wanted.port} of this machine`;
  const known = await readOperatorFile(wanted).catch((error: unknown) => {
    throw new UsageError(`sessions: ${messageOf(error)}; or name the token with --operator-token-file`);
  });
  if (known === undefined) {
    const message = `no server that you started listens on ${where}; name another one with --port, or with --server and --operator-token-file`;
    throw new GymwireError('SERVER_UNAVAILABLE', message);
  }
  const here = reachable(known.address);
  // The token is that server's: nobody else may see it.
  const isMeant = server === undefined || [known.address, here].includes(wanted.text);
  // It is on this machine, which nothing leaves, whatever its address is.
  if (isMeant) return { ...known, address: here, insecure: true };
  if (isLoopback(server) && isLoopback(here)) return { ...known, address: server, insecure };
  throw new UsageError(
    `sessions: the server that you started on ${where} is ${known.address}; for ${server}, give --operator-token-file`,
  );
}

/** A server that listens on all addresses is here, too. */
function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
}

function isLoopback(address: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]):\d+$/.test(address);
}

async function list(connection: OperatorConnection, output: Output): Promise<void> {
  const { sessions, maxSessions } = await connection.listSessions();
  for (const session of sessions) output.event('session', { ...session });
  output.event('sessions', { address: connection.address, count: sessions.length, maxSessions });
  if (sessions.length === 0) {
    output.say(`no sessions at ${connection.address}, which has room for ${maxSessions}`);
    return;
  }
  output.say(`${sessions.length} of ${maxSessions} sessions at ${connection.address}`);
  for (const line of formatColumns(sessions.map(describe))) output.say(line);
}

async function end(connection: OperatorConnection, handle: string, output: Output): Promise<void> {
  const session = await connection.endSession(handle);
  output.event('ended', { ...session });
  output.say(`ended ${handle} (${printable(session.envId)}, ${formatDuration(session.ageMs)} old)`);
}

function describe(session: SessionSummary): Readonly<Record<string, string>> {
  const { handle, envId, numEnvs, ageMs, idleMs, busyMs, isAttached, calls, client, peer } = session;
  return {
    handle: printable(handle),
    environment: numEnvs === undefined ? printable(envId) : `${printable(envId)} × ${numEnvs}`,
    age: formatDuration(ageMs),
    'last call': busyMs > 0 ? `busy for ${formatDuration(busyMs)}` : `${formatDuration(idleMs)} ago`,
    stream: isAttached ? 'attached' : 'none',
    calls: String(calls),
    client: printable(client, 40),
    from: printable(peer),
  };
}
