/** Somebody else's client: plays the same seeded episode again and again, and notes how long each answer took. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@gymwire/agent-sdk';
import { float32, isTensor, type Value } from '@gymwire/protocol';

export interface NeighbourReport {
  /** Milliseconds of each step and reset since the last report. */
  readonly answersMs: readonly number[];
  /** Times of a new client: connect, handshake, list of environments. */
  readonly newClientsMs: readonly number[];
  readonly episodes: number;
  /** Hashes of the observations and rewards of the episodes since the last report. */
  readonly digests: readonly string[];
  readonly faults: readonly string[];
}

const [address = ''] = process.argv.slice(2);
const stepPauseMs = 2;
const clientPauseMs = 100;
const steps = 200;

let answersMs: number[] = [];
let newClientsMs: number[] = [];
let faults: string[] = [];
const digests = new Set<string>();
let episodes = 0;

async function timed<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  into.push(performance.now() - start);
  return result;
}

function bytesOf(value: Value): Uint8Array {
  if (!isTensor(value)) throw new Error('expected a tensor');
  const { buffer, byteOffset, byteLength } = value.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function play(): Promise<never> {
  const onReconnect = ({ type }: { type: string }) => faults.push(`the neighbour's stream: ${type}`);
  const connection = await connect(address, { onReconnect });
  const env = await connection.make('Pendulum-v1');
  for (;;) {
    const hash = createHash('sha256');
    const { observation } = await timed(answersMs, () => env.reset({ seed: 7 }));
    hash.update(bytesOf(observation));
    for (let step = 0; step < steps; step++) {
      const action = float32([2 * Math.sin(step / 9)]);
      const result = await timed(answersMs, () => env.step(action));
      hash.update(bytesOf(result.observation)).update(Float64Array.of(result.reward));
      await sleep(stepPauseMs);
    }
    episodes += 1;
    digests.add(hash.digest('hex'));
  }
}

async function arrive(): Promise<never> {
  for (;;) {
    await timed(newClientsMs, async () => {
      const connection = await connect(address);
      await connection.listEnvs();
      connection.close();
    }).catch((error: unknown) => faults.push(String(error)));
    await sleep(clientPauseMs);
  }
}

process.on('message', () => {
  const report: NeighbourReport = { answersMs, newClientsMs, episodes, digests: [...digests], faults };
  [answersMs, newClientsMs, faults, episodes] = [[], [], [], 0];
  digests.clear();
  process.send?.(report);
});
process.on('disconnect', () => process.exit());
await Promise.race([play(), arrive()]).catch((error: unknown) => {
  faults.push(`the neighbour's episode ended: ${String(error)}`);
});
