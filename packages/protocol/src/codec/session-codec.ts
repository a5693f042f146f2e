/** Session making ⇄ wire messages. */
import { GymwireError } from '../errors.ts';
import type {
  ArgumentSpec__Output,
  ArgumentSpec as WireArgumentSpec,
} from '../generated/gymwire/v1/ArgumentSpec.ts';
import type { BatchSpec__Output, BatchSpec as WireBatchSpec } from '../generated/gymwire/v1/BatchSpec.ts';
import type { EnvSpec__Output, EnvSpec as WireEnvSpec } from '../generated/gymwire/v1/EnvSpec.ts';
import type {
  MakeSessionRequest,
  MakeSessionRequest__Output,
} from '../generated/gymwire/v1/MakeSessionRequest.ts';
import type {
  MakeSessionResponse,
  MakeSessionResponse__Output,
} from '../generated/gymwire/v1/MakeSessionResponse.ts';
import type { AutoresetMode, OutOfBoundsRule } from '../gym.ts';
import type {
  ArgumentSpec,
  ArgumentType,
  BatchSeeding,
  BatchSpec,
  EnvSpec,
  SessionDescription,
  SessionOptions,
} from '../session.ts';
import { decodeSpace, encodeSpace } from './space-codec.ts';
import { decodeDict, decodeValue, encodeDict, encodeValue } from './value-codec.ts';

const autoresetModes = {
  disabled: 'AUTORESET_MODE_DISABLED',
  'next-step': 'AUTORESET_MODE_NEXT_STEP',
  'same-step': 'AUTORESET_MODE_SAME_STEP',
} as const satisfies Record<AutoresetMode, string>;

const outOfBoundsRules = {
  pass: 'OUT_OF_BOUNDS_RULE_PASS',
  reject: 'OUT_OF_BOUNDS_RULE_REJECT',
} as const satisfies Record<OutOfBoundsRule, string>;

const batchSeedings = {
  reset: 'BATCH_SEEDING_RESET',
  make: 'BATCH_SEEDING_MAKE',
  none: 'BATCH_SEEDING_NONE',
} as const satisfies Record<BatchSeeding, string>;

const argumentTypes = {
  bool: 'ARGUMENT_TYPE_BOOL',
  int: 'ARGUMENT_TYPE_INT',
  float: 'ARGUMENT_TYPE_FLOAT',
  string: 'ARGUMENT_TYPE_STRING',
  'float-list': 'ARGUMENT_TYPE_FLOAT_LIST',
} as const satisfies Record<ArgumentType, string>;

/** The word for a wire name; `undefined` for the unspecified one. */
function decodeName<T extends string>(
  names: Record<T, string>,
  wire: string | number,
  where: string,
): T | undefined {
  for (const name of Object.keys(names) as T[]) {
    if (names[name] === wire) return name;
  }
  // A number is a value of a later version.
  if (typeof wire === 'string' && wire.endsWith('_UNSPECIFIED')) return undefined;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${where}: expected ${Object.keys(names).join(', ')}, got ${wire}`,
  );
}

/** `exactOptionalPropertyTypes`: an absent field stays absent. */
function optional<K extends string, V>(key: K, value: V | undefined | null): { [key in K]?: V } {
  return value === undefined || value === null ? {} : ({ [key]: value } as { [key in K]?: V });
}

function encodeName<T extends string, W extends string>(names: Record<T, W>, name: T, where: string): W {
  if (Object.hasOwn(names, name)) return names[name];
  const known = Object.keys(names).join(', ');
  throw new GymwireError('INVALID_ARGUMENT', `${where}: expected ${known}, got ${JSON.stringify(name)}`);
}

/** protobuf would wrap or cut what is no uint32. */
function uint32(value: number, where: string, minimum: number): number {
  if (Number.isInteger(value) && value >= minimum && value < 2 ** 32) return value;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${where}: expected an integer from ${minimum} to 2^32 - 1, got ${value}`,
  );
}

/**
 * @throws GymwireError INVALID_ARGUMENT for a word or number that is none of those allowed, MALFORMED for an argument
 * that is no value
 */
export function encodeSessionOptions(options: SessionOptions): MakeSessionRequest {
  const { numEnvs, maxEpisodeSteps, autoresetMode, outOfBoundsRule } = options;
  return {
    envId: options.envId,
    arguments: encodeDict(options.arguments ?? {}, 'arguments').entries ?? [],
    ...optional('numEnvs', numEnvs === undefined ? undefined : uint32(numEnvs, 'numEnvs', 1)),
    ...optional(
      'autoresetMode',
      autoresetMode === undefined ? undefined : encodeName(autoresetModes, autoresetMode, 'autoresetMode'),
    ),
    renderMode: options.renderMode ?? '',
    ...optional(
      'maxEpisodeSteps',
      maxEpisodeSteps === undefined ? undefined : uint32(maxEpisodeSteps, 'maxEpisodeSteps', 0),
    ),
    ...optional(
      'outOfBoundsRule',
      outOfBoundsRule === undefined
        ? undefined
        : encodeName(outOfBoundsRules, outOfBoundsRule, 'outOfBoundsRule'),
    ),
  };
}

export function decodeSessionOptions(wire: MakeSessionRequest__Output): SessionOptions {
  return {
    envId: wire.envId,
    arguments: decodeDict(wire.arguments, 'arguments'),
    ...optional('numEnvs', wire.numEnvs),
    ...optional('autoresetMode', decodeName(autoresetModes, wire.autoresetMode, 'autoreset_mode')),
    renderMode: wire.renderMode,
    ...optional('maxEpisodeSteps', wire.maxEpisodeSteps),
    ...optional('outOfBoundsRule', decodeName(outOfBoundsRules, wire.outOfBoundsRule, 'out_of_bounds_rule')),
  };
}

function encodeArgumentSpec(spec: ArgumentSpec): WireArgumentSpec {
  return {
    name: spec.name,
    type: argumentTypes[spec.type],
    defaultValue: encodeValue(spec.defaultValue, `argument ${spec.name}`),
    ...optional('minimum', spec.minimum),
    ...optional('maximum', spec.maximum),
    choices: [...(spec.choices ?? [])],
    ...optional('length', spec.length),
    description: spec.description ?? '',
  };
}

function decodeArgumentSpec(wire: ArgumentSpec__Output): ArgumentSpec {
  const where = `argument ${wire.name}`;
  return {
    name: wire.name,
    type: decodeName(argumentTypes, wire.type, where) ?? 'float',
    defaultValue: decodeValue(wire.defaultValue, where),
    ...optional('minimum', wire.minimum),
    ...optional('maximum', wire.maximum),
    ...(wire.choices.length > 0 ? { choices: wire.choices } : {}),
    ...optional('length', wire.length),
    description: wire.description,
  };
}

function encodeBatchSpec(batch: BatchSpec): WireBatchSpec {
  return {
    autoresetModes: batch.autoresetModes.map((mode) => autoresetModes[mode]),
    ...optional('minNumEnvs', batch.minNumEnvs),
    ...optional('maxNumEnvs', batch.maxNumEnvs),
    finalObservations: batch.finalObservations,
    ...(batch.seeding !== undefined && { seeding: batchSeedings[batch.seeding] }),
    masks: batch.masks,
  };
}

function decodeBatchSpec(wire: BatchSpec__Output): BatchSpec {
  const modes = wire.autoresetModes.map((mode) => decodeName(autoresetModes, mode, 'batch.autoreset_modes'));
  return {
    autoresetModes: modes.filter((mode) => mode !== undefined),
    ...optional('minNumEnvs', wire.minNumEnvs),
    ...optional('maxNumEnvs', wire.maxNumEnvs),
    finalObservations: wire.finalObservations,
    ...optional('seeding', decodeName(batchSeedings, wire.seeding, 'batch.seeding')),
    masks: wire.masks,
  };
}

export function encodeEnvSpec(spec: EnvSpec): WireEnvSpec {
  return {
    id: spec.id,
    arguments: spec.arguments.map(encodeArgumentSpec),
    ...optional('maxEpisodeSteps', spec.maxEpisodeSteps),
    ...optional('rewardThreshold', spec.rewardThreshold),
    nondeterministic: spec.nondeterministic,
    renderModes: [...spec.renderModes],
    ...optional('renderFps', spec.renderFps),
    description: spec.description,
    methods: [...(spec.methods ?? [])],
    attributes: [...(spec.attributes ?? [])],
    ...(spec.batch !== undefined && { batch: encodeBatchSpec(spec.batch) }),
  };
}

export function decodeEnvSpec(wire: EnvSpec__Output): EnvSpec {
  return {
    id: wire.id,
    arguments: wire.arguments.map(decodeArgumentSpec),
    ...optional('maxEpisodeSteps', wire.maxEpisodeSteps),
    ...optional('rewardThreshold', wire.rewardThreshold),
    nondeterministic: wire.nondeterministic,
    renderModes: wire.renderModes,
    ...optional('renderFps', wire.renderFps),
    description: wire.description,
    ...(wire.methods.length > 0 ? { methods: wire.methods } : {}),
    ...(wire.attributes.length > 0 ? { attributes: wire.attributes } : {}),
    ...optional(
      'batch',
      wire.batch === null || wire.batch === undefined ? null : decodeBatchSpec(wire.batch),
    ),
  };
}

export function encodeSessionDescription(session: SessionDescription): MakeSessionResponse {
  return {
    sessionId: session.sessionId,
    observationSpace: encodeSpace(session.observationSpace),
    actionSpace: encodeSpace(session.actionSpace),
    spec: encodeEnvSpec(session.spec),
    ...optional('numEnvs', session.numEnvs),
    autoresetMode: autoresetModes[session.autoresetMode],
    outOfBoundsRule: outOfBoundsRules[session.outOfBoundsRule],
    renderMode: session.renderMode,
    idleTimeoutMs: session.idleTimeoutMs,
  };
}

/** @throws GymwireError MALFORMED when a part is missing */
export function decodeSessionDescription(wire: MakeSessionResponse__Output): SessionDescription {
  if (wire.spec === null) throw new GymwireError('MALFORMED', 'make session: the reply carries no spec');
  return {
    sessionId: wire.sessionId,
    observationSpace: decodeSpace(wire.observationSpace, 'observation_space'),
    actionSpace: decodeSpace(wire.actionSpace, 'action_space'),
    spec: decodeEnvSpec(wire.spec),
    ...optional('numEnvs', wire.numEnvs),
    autoresetMode: decodeName(autoresetModes, wire.autoresetMode, 'autoreset_mode') ?? 'disabled',
    outOfBoundsRule: decodeName(outOfBoundsRules, wire.outOfBoundsRule, 'out_of_bounds_rule') ?? 'pass',
    renderMode: wire.renderMode,
    idleTimeoutMs: wire.idleTimeoutMs,
  };
}
