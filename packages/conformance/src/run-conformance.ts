/** Holds every rule against a server, each with a connection and a deadline of its own. */
import { credentials, Metadata, status } from '@grpc/grpc-js';
import { GymwireError, optionsFault } from '@gymwire/protocol';
import {
  createTlsCredentials,
  parseServerAddress,
  refuseReadableToken,
  type wire,
} from '@gymwire/protocol/wire';
import type { Claims } from './claims.ts';
import { methods, RawClient } from './client/raw-client.ts';
import { Refusal } from './client/refusal.ts';
import { envId } from './conformance-env.ts';
import { Probe, type ProbeLimits } from './probe.ts';
import type { Rule, RuleDescription } from './rule.ts';
import { rules } from './rules/all-rules.ts';
import { NotApplicable, NotExercised } from './verdicts.ts';

export interface ConformanceOptions {
  /** "host:port", or "unix:/run/gym.sock" */
  readonly address: string;
  /** Encrypt; default: plaintext. */
  readonly tls?: TlsOptions;
  /** Bearer token that the server asks for; with it come the rules about tokens. */
  readonly token?: string;
  /** The network itself is trusted: the token may leave this machine without TLS. Default false. */
  readonly insecure?: boolean;
  /** Rules that need not pass, with the reason. */
  readonly claims?: Claims;
  /** Time for one rule; those that make or send much get a multiple. Default 10 s. */
  readonly deadlineMs?: number;
  readonly limits?: Partial<ProbeLimits>;
  /** Ids or areas of the rules to try, for those who work on them; default: all. */
  readonly only?: readonly string[];
  /** Called after each rule, in the order of the rules. */
  readonly onResult?: (result: RuleResult) => void;
}

export interface TlsOptions {
  /** Authorities to trust, PEM; default: those that Node trusts. */
  readonly ca?: string;
  /** Certificate for a server that asks for one, PEM. */
  readonly certificate?: string;
  readonly privateKey?: string;
  /** Name in the server's certificate, if not the host in the address. */
  readonly serverName?: string;
}

/**
 * `passed`; `failed`; `not-exercised`: could not be tried, counts as failed; `claimed`: one of the two, and a claim
 * says why that is right; `not-applicable`: asks nothing of this server, which has not what the rule is about.
 */
export type Outcome = 'passed' | 'failed' | 'not-exercised' | 'claimed' | 'not-applicable';

export interface RuleResult extends RuleDescription {
  readonly outcome: Outcome;
  /** What was expected and what came, the claim's reason, or why it does not apply; empty when it passed. */
  readonly why: string;
  readonly durationMs: number;
}

export interface ConformanceReport {
  /** What the server calls itself; empty when it did not say. */
  readonly server: string;
  readonly results: readonly RuleResult[];
  /** Every rule that was chosen and applies passed or is claimed. */
  readonly isConforming: boolean;
}

/** In JavaScript a misspelt claim or token would be none. */
const optionNames = Object.keys({
  address: true,
  tls: true,
  token: true,
  insecure: true,
  claims: true,
  deadlineMs: true,
  limits: true,
  only: true,
  onResult: true,
} satisfies Record<keyof ConformanceOptions, true>);

const defaultLimits: ProbeLimits = {
  maxIdleTimeoutMs: 5_000,
  maxSessions: 80,
  maxMessageBytes: 80 * 2 ** 20,
};

/**
 * @throws GymwireError INVALID_ARGUMENT for an address that is none or a token that could be read on the way there, SERVER_UNAVAILABLE when nobody answers there. Whatever
 * else a server does is a result.
 */
export async function runConformance(given: ConformanceOptions): Promise<ConformanceReport> {
  const fault = optionsFault('runConformance', given, optionNames, "{ address: '127.0.0.1:50051' }");
  if (fault !== undefined) throw new GymwireError('INVALID_ARGUMENT', fault);
  const { text: address } = parseServerAddress(given.address, given.tls !== undefined);
  refuseReadableToken(address, given);
  const options = { ...given, address };
  const greeting = await greet(options);
  const chosen = choose(options, greeting);
  // Those that wait begin first and are over by the time that their turn comes.
  const ask = (rule: Rule) => judge(rule, options, excuseOf(rule, greeting));
  const waiting = new Map(chosen.filter((rule) => rule.isBackground).map((rule) => [rule.id, ask(rule)]));
  const results: RuleResult[] = [];
  for (const rule of chosen) {
    const result = await (waiting.get(rule.id) ?? ask(rule));
    results.push(result);
    options.onResult?.(result);
  }
  const isConforming = results.every(({ outcome }) => outcome !== 'failed' && outcome !== 'not-exercised');
  return { server: greeting.server, results, isConforming };
}

/** @throws GymwireError INVALID_ARGUMENT for what is neither a rule nor an area */
function choose({ only, token }: ConformanceOptions, { capabilities }: Greeting): readonly Rule[] {
  const isNamed = (rule: Rule, name: string) => rule.id === name || rule.id.startsWith(`${name}.`);
  for (const name of only ?? []) {
    if (rules.some((rule) => isNamed(rule, name))) continue;
    throw new GymwireError('INVALID_ARGUMENT', `only: there is no rule and no area ${JSON.stringify(name)}`);
  }
  const isDue = ({ needsToken, needsCapability }: Rule) =>
    (token !== undefined || !needsToken) &&
    (needsCapability === undefined || capabilities.includes(needsCapability));
  return rules.filter((rule) => isDue(rule) && (only?.some((name) => isNamed(rule, name)) ?? true));
}

/** A server of batch simulators alone has nothing that the rules about single environments could be held against. */
function excuseOf({ about }: Rule, { hasConformanceEnv, batchIds }: Greeting): string | undefined {
  if (about === 'batch' && batchIds.length === 0) return 'this server lists no batch simulator';
  if (about !== undefined || hasConformanceEnv || batchIds.length === 0) return undefined;
  return (
    `it is held against ${envId}, and this server lists batch simulators (${batchIds.join(', ')}) without it: ` +
    'serve it as well (--conformance)'
  );
}

function connect({ address, tls, token }: ConformanceOptions): RawClient {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const { serverName } = tls ?? {};
  return new RawClient(address, {
    metadata,
    credentials: tls === undefined ? credentials.createInsecure() : createTlsCredentials(tls, address),
    ...(serverName !== undefined && { serverName }),
  });
}

interface Greeting extends Pick<wire.HandshakeResponse, 'server' | 'capabilities'> {
  readonly hasConformanceEnv: boolean;
  /** What it lists of batch simulators. */
  readonly batchIds: readonly string[];
}

const unknownServer: Greeting = { server: '', capabilities: [], hasConformanceEnv: false, batchIds: [] };

/** Is anybody there? What the answer is worth is for the rules to say. */
async function greet(options: ConformanceOptions): Promise<Greeting> {
  const client = connect(options);
  const deadline = startDeadline(options.deadlineMs ?? 10_000);
  try {
    const probe = new Probe(client, defaultLimits);
    const { server, capabilities } = await Promise.race([probe.handshake(), deadline.expired]);
    if (!capabilities.includes('batch')) return { ...unknownServer, server, capabilities };
    const { envs } = await Promise.race([probe.call(methods.ListEnvs, {}), deadline.expired]);
    const batchIds = envs.flatMap(({ id, batch }) => (batch ? [id] : []));
    return { server, capabilities, hasConformanceEnv: envs.some(({ id }) => id === envId), batchIds };
  } catch (thrown) {
    if (thrown instanceof Refusal && thrown.status !== status.UNAVAILABLE) return unknownServer;
    if (thrown instanceof Refusal) {
      throw new GymwireError('SERVER_UNAVAILABLE', `no server at ${options.address}: ${thrown.message}`);
    }
    return unknownServer;
  } finally {
    deadline.stop();
    client.close();
  }
}

async function judge(
  rule: Rule,
  options: ConformanceOptions,
  excuse: string | undefined,
): Promise<RuleResult> {
  const start = performance.now();
  const failure = excuse === undefined ? await failureOf(rule, options) : new NotApplicable(excuse);
  const durationMs = Math.round(performance.now() - start);
  const claim = options.claims?.[rule.id];
  const { id, requires, section } = rule;
  const about = { id, requires, section, durationMs };
  if (failure === undefined) return { ...about, outcome: 'passed', why: '' };
  if (failure instanceof NotApplicable) return { ...about, outcome: 'not-applicable', why: failure.message };
  if (claim !== undefined) return { ...about, outcome: 'claimed', why: `${claim} (${failure.message})` };
  const outcome = failure instanceof NotExercised ? 'not-exercised' : 'failed';
  return { ...about, outcome, why: failure.message };
}

/** @returns why the server does not meet the rule, or undefined */
async function failureOf(rule: Rule, options: ConformanceOptions): Promise<Error | undefined> {
  const client = connect(options);
  const probe = new Probe(client, { ...defaultLimits, ...options.limits }, options.token);
  const deadline = startDeadline((options.deadlineMs ?? 10_000) * (rule.patience ?? 1));
  try {
    await Promise.race([rule.check(probe), deadline.expired]);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  } finally {
    deadline.stop();
    await cleanUp(probe, client);
  }
}

/** A server that hangs must not hold up the kit. */
async function cleanUp(probe: Probe, client: RawClient): Promise<void> {
  const patience = startDeadline(2_000);
  await Promise.race([probe.cleanUp(), patience.expired]).catch(() => undefined);
  patience.stop();
  client.close();
}

function startDeadline(ms: number): { readonly expired: Promise<never>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${ms} ms: the server does not answer`)), ms);
  });
  // Nobody may be waiting for it any more.
  expired.catch(() => undefined);
  return { expired, stop: () => clearTimeout(timer) };
}
