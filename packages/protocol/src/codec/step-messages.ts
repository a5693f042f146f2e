/**
 * The messages of a step on the stream ⇄ values: what `step-codec.ts` and protobufjs do in three passes over trees of
 * messages, in one. The bytes are the same; messages in another form than encoders write go the longer way.
 */
import { GymwireError } from '../errors.ts';
import type { StepRequest__Output } from '../generated/gymwire/v1/StepRequest.ts';
import type { StepResponse__Output } from '../generated/gymwire/v1/StepResponse.ts';
import type { FinalStep, VectorStepResult } from '../gym.ts';
import { refuseForeign, takeDict, takeValue } from '../take-value.ts';
import type { Info, Value } from '../value.ts';
import { deserializePackedInfos, deserializeStepRequest, deserializeStepResponse } from '../wire/service.ts';
import { BackwardWriter, wireTypes } from './backward-writer.ts';
import { checkEnded, decodePackedInfos } from './packed-infos.ts';
import { readDict, readValue } from './read-value.ts';
import { decodeStepResult, type PackedStep, unpackNextSeeds, withPacked } from './step-codec.ts';
import { decodeValue } from './value-codec.ts';
import { readOr, refuse, WireReader } from './wire-reader.ts';
import { writeDict, writeValue } from './write-value.ts';

/** `step` in InteractRequest and InteractResponse. */
const stepField = 3;
const stepTag = 0x1a;

const writer = new BackwardWriter();

/** @param writeTaken where something is no value as it is: says what, or makes one of it */
function written(write: () => void, writeTaken: () => void): Buffer {
  try {
    try {
      write();
    } catch {
      writer.clear();
      writeTaken();
    }
    return writer.finish();
  } finally {
    writer.clear();
  }
}

/** Where a value is written at once, copies are for nothing. */
const shared = { copies: false };

/**
 * @param nextSeeds from `packNextSeeds`
 * @returns an InteractRequest. @throws GymwireError MALFORMED for what is no value, with its path
 */
export function encodeStepRequest(action: Value, sequence: number, nextSeeds?: BigUint64Array): Buffer {
  return written(
    () => writeStepRequest(action, sequence, nextSeeds),
    () => writeStepRequest(refuseForeign(takeValue(action, 'action', shared)), sequence, nextSeeds),
  );
}

function writeStepRequest(action: Value, sequence: number, nextSeeds: BigUint64Array | undefined): void {
  if (nextSeeds !== undefined) {
    writer.elements(nextSeeds);
    writer.closeMessage(4, 0);
  }
  const end = writer.length;
  writeValue(writer, action);
  writer.closeMessage(3, end);
  writer.varint(sequence);
  writer.tag(2, wireTypes.varint);
  writer.closeMessage(stepField, 0);
}

/** @returns an InteractResponse. @throws GymwireError MALFORMED for what is no value, with its path */
export function encodeStepResponse(result: VectorStepResult, sequence: number): Buffer {
  return written(
    () => writeStepResponse(result, sequence),
    () => writeStepResponse(takeResult(result), sequence),
  );
}

function takeResult(result: VectorStepResult): VectorStepResult {
  const take = (value: Value, where: string) => refuseForeign(takeValue(value, where, shared));
  const takeInfos = (infos: ReadonlyMap<number, Info>, where: string) =>
    new Map(Array.from(infos, ([i, info]) => [i, refuseForeign(takeDict(info, where, shared))]));
  const { observation, infos, final } = result;
  return {
    ...result,
    observation: take(observation, 'observation'),
    infos: takeInfos(infos, 'info'),
    ...(final === undefined
      ? {}
      : {
          final: {
            ...final,
            observation: take(final.observation, 'final_observation'),
            infos: takeInfos(final.infos, 'final_info'),
          },
        }),
  };
}

function writeStepResponse(result: VectorStepResult, sequence: number): void {
  const { final } = result;
  if (final !== undefined) writeFinal(final);
  writeInfos(result.infos, 6);
  let end = writer.length;
  writer.flags(result.truncated);
  writer.closeMessage(5, end);
  end = writer.length;
  writer.flags(result.terminated);
  writer.closeMessage(4, end);
  end = writer.length;
  writer.elements(result.rewards);
  writer.closeMessage(3, end);
  end = writer.length;
  writeValue(writer, result.observation);
  writer.closeMessage(2, end);
  writer.varint(sequence);
  writer.tag(1, wireTypes.varint);
  writer.closeMessage(stepField, 0);
}

function writeFinal({ envIndices, observation, infos }: FinalStep): void {
  writeInfos(infos, 9);
  let end = writer.length;
  writeValue(writer, observation);
  writer.closeMessage(8, end);
  end = writer.length;
  for (let i = envIndices.length - 1; i >= 0; i--) writer.varint(envIndices[i]);
  if (envIndices.length > 0) writer.closeMessage(7, end);
}

function writeInfos(infos: ReadonlyMap<number, Info>, field: number): void {
  for (const [envIndex, info] of infos.size < 2 ? infos : [...infos].reverse()) {
    const end = writer.length;
    writeDict(writer, info);
    writer.closeMessage(2, end);
    writer.varint(envIndex);
    writer.tag(1, wireTypes.varint);
    writer.closeMessage(field, end);
  }
}

/**
 * The step in an InteractRequest or InteractResponse, still encoded: what is wrong with it is found where it can be
 * answered.
 * @returns undefined when the message is something else, or in an unusual form
 */
export function findStep(message: Buffer): Buffer | undefined {
  if (message[0] !== stepTag) return undefined;
  return readOr(
    () => {
      const reader = new WireReader(message);
      reader.varint();
      const step = reader.bytes();
      return reader.hasMore ? undefined : step;
    },
    () => undefined,
  );
}

export interface StepCommand {
  readonly action: Value;
  readonly sequence: number;
  /** One an environment. */
  readonly nextSeeds: BigUint64Array | undefined;
}

/**
 * @param step from `findStep`, or a decoded message
 * @param numEnvs how many environments the session has (1 for a single one)
 * @throws GymwireError MALFORMED; INVALID_ARGUMENT for another number of seeds
 */
export function decodeStepRequest(step: Buffer | StepRequest__Output, numEnvs: number): StepCommand {
  if (!Buffer.isBuffer(step)) {
    const nextSeeds = unpackNextSeeds(step.nextSeeds, numEnvs);
    return { action: decodeValue(step.action, 'action'), sequence: step.sequence, nextSeeds };
  }
  return readOr(
    () => readStepRequest(new WireReader(step), numEnvs),
    () =>
      decodeStepRequest(
        deserialized(() => deserializeStepRequest(step)),
        numEnvs,
      ),
  );
}

function readStepRequest(reader: WireReader, numEnvs: number): StepCommand {
  let sequence = 0;
  let tag = reader.varint();
  if (tag === 0x10) {
    sequence = reader.varint();
    tag = reader.varint();
  }
  if (tag !== 0x1a) refuse();
  const action = readValue(reader);
  if (!reader.hasMore) return { action, sequence, nextSeeds: undefined };
  if (reader.varint() !== 0x22) refuse();
  const bytes = reader.bytes();
  return reader.hasMore ? refuse() : { action, sequence, nextSeeds: unpackNextSeeds(bytes, numEnvs) };
}

/**
 * @param step from `findStep`, or a decoded message
 * @param numEnvs how many environments the session has (1 for a single one)
 * @throws GymwireError MALFORMED
 */
export function decodeStepResponse(step: Buffer | StepResponse__Output, numEnvs: number): VectorStepResult {
  if (!Buffer.isBuffer(step)) return decodeStepResult(step, numEnvs);
  return readOr(
    () => readStepResponse(new WireReader(step), numEnvs),
    () =>
      decodeStepResult(
        deserialized(() => deserializeStepResponse(step)),
        numEnvs,
      ),
  );
}

/** In place of a tag. */
const end = -1;

/** In the order of the field numbers, as every encoder writes them; fields that are zero may be absent. */
function readStepResponse(reader: WireReader, numEnvs: number): VectorStepResult {
  const next = () => (reader.hasMore ? reader.varint() : end);
  let tag = next();
  if (tag === 0x08) {
    reader.varint();
    tag = next();
  }
  if (tag !== 0x12) refuse();
  const observation = readValue(reader);
  if (next() !== 0x1a) refuse();
  const rewards = readRewards(reader, numEnvs);
  if (next() !== 0x22) refuse();
  const terminated = readFlags(reader, numEnvs);
  if (next() !== 0x2a) refuse();
  const truncated = readFlags(reader, numEnvs);
  const infos = new Map<number, Info>();
  for (tag = next(); tag === 0x32; tag = next()) readInfo(reader, infos, numEnvs);
  const step = { observation, rewards, terminated, truncated, infos };
  if (tag === end) return step;
  if (tag !== 0x3a) return withPacked(step, tag === 0x52 ? readPacked(reader, tag, numEnvs) : refuse());
  const envIndices = readIndices(reader, numEnvs);
  if (next() !== 0x42) refuse();
  const final = { envIndices, observation: readValue(reader), infos: new Map<number, Info>() };
  for (tag = next(); tag === 0x4a; tag = next()) readInfo(reader, final.infos, numEnvs);
  if (envIndices.length === 0) refuse();
  checkEnded(envIndices, final.infos, []);
  return tag === end ? { ...step, final } : withPacked({ ...step, final }, readPacked(reader, tag, numEnvs));
}

/** The messages from a tag on to the end: `packed_infos` and `packed_final_infos`. */
function readPacked(reader: WireReader, first: number, numEnvs: number): PackedStep {
  const packed: PackedStep = { infos: [], finalInfos: [] };
  for (let tag = first; tag !== end; tag = reader.hasMore ? reader.varint() : end) {
    if (tag !== 0x52 && tag !== 0x5a) refuse();
    const wire = deserialized(() => deserializePackedInfos(reader.bytes()));
    if (tag === 0x52) packed.infos.push(decodePackedInfos(wire, 'info', numEnvs));
    else packed.finalInfos.push(decodePackedInfos(wire, 'final_info', numEnvs));
  }
  return packed;
}

function readRewards(reader: WireReader, numEnvs: number): Float64Array {
  if (reader.span() !== numEnvs * 8) refuse();
  const from = reader.position - numEnvs * 8;
  const rewards = new Float64Array(numEnvs);
  for (let i = 0; i < numEnvs; i++) rewards[i] = reader.float64At(from + i * 8);
  return rewards;
}

function readFlags(reader: WireReader, numEnvs: number): readonly boolean[] {
  if (reader.span() !== numEnvs) refuse();
  const from = reader.position - numEnvs;
  const flags = new Array<boolean>(numEnvs);
  for (let i = 0; i < numEnvs; i++) flags[i] = reader.byteAt(from + i) !== 0;
  return flags;
}

/** What is wrong with them is said on the longer way, as with infos. */
function readIndices(reader: WireReader, numEnvs: number): readonly number[] {
  const outer = reader.enter();
  const indices: number[] = [];
  for (let last = -1; reader.hasMore; ) {
    const index = reader.varint();
    if (index <= last || index >= numEnvs) refuse();
    indices.push(index);
    last = index;
  }
  reader.leave(outer);
  return indices;
}

function readInfo(reader: WireReader, infos: Map<number, Info>, numEnvs: number): void {
  const outer = reader.enter();
  let envIndex = 0;
  let tag = reader.varint();
  if (tag === 0x08) {
    envIndex = reader.varint();
    tag = reader.varint();
  }
  if (tag !== 0x12) refuse();
  if (envIndex >= numEnvs || infos.has(envIndex)) refuse();
  infos.set(envIndex, readDict(reader));
  if (reader.hasMore) refuse();
  reader.leave(outer);
}

function deserialized<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new GymwireError('MALFORMED', `step: not a message of this protocol: ${(cause as Error).message}`, {
      cause,
    });
  }
}
