import { decodeModel, encodeModel } from '@gymwire/onnx-graph';
import { describe, expect, it } from 'vitest';
import { checkSnapshot } from './check-snapshot.ts';
import { exportPolicy } from './export-policy.ts';
import { checkGuard } from './guard.ts';
import { OnnxSession } from './onnx-session.ts';
import type { RunActions } from './parity.ts';
import { buildPolicyGraph } from './policy-graph.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';

const plain = randomSnapshot({ sizes: [3, 16, 2] });
const normalizer = { mean: new Float32Array(3), scale: new Float32Array(3).fill(2), clip: 5 };
const normalized = { ...plain, observationNormalizer: normalizer };
const definition = checkSnapshot(plain);

async function sessionOf(snapshot = plain, format: 1 | 2 = 2): Promise<OnnxSession> {
  const model = decodeModel((await exportPolicy(snapshot)).bytes);
  return OnnxSession.create(encodeModel({ ...model, ...buildPolicyGraph(checkSnapshot(snapshot), format) }));
}

describe.each([
  ['plain', plain],
  ['normalised', normalized],
])('the guard of a %s policy', (_kind, snapshot) => {
  it('makes NaN of every action for an observation that is not finite, and of no other', async () => {
    const session = await sessionOf(snapshot);
    await checkGuard(checkSnapshot(snapshot), (batch, count) => session.run(batch, count));
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      expect(await session.run(Float32Array.of(0.5, value, 1), 1)).toEqual(Float32Array.of(NaN, NaN));
    }
    await session.release();
  });

  it('leaves every bit of an action for a finite one, whatever its size', async () => {
    const [guarded, bare] = [await sessionOf(snapshot), await sessionOf(snapshot, 1)];
    const largest = (2 - 2 ** -23) * 2 ** 127;
    const values = [0, -0, 1, -3, 1e-45, -1e-45, 1e6, -1e6, 1e30, largest, -largest];
    const rows = Float32Array.from({ length: 3 * 300 }, (_, i) => values[(i * i + 7 * i) % values.length]);
    const [actual, expected] = await Promise.all([
      guarded.run(rows.slice(), 300),
      bare.run(rows.slice(), 300),
    ]);
    const bits = (actions: Float32Array) => Array.from(new Uint32Array(actions.buffer));
    expect(bits(actual)).toEqual(bits(expected));
    await Promise.all([guarded.release(), bare.release()]);
  });
});

describe('checkGuard', () => {
  it('finds a graph without one, where a normaliser clips', async () => {
    const session = await sessionOf(normalized, 1);
    await expect(checkGuard(definition, (batch, count) => session.run(batch, count))).rejects.toMatchObject({
      code: 'UNGUARDED',
      message: expect.stringMatching(/^Infinity at index 0 of the observation: expected NaN .*, got -?\d/),
    });
    await session.release();
  });

  it.each<[string, RunActions, string]>([
    ['a runtime that swallows NaN', async (_, count) => new Float32Array(2 * count), 'expected NaN'],
    [
      'a runtime that spreads it over the batch',
      async (batch, count) => new Float32Array(2 * count).fill(batch.includes(NaN) ? NaN : 0),
      'NaN at index 0 of an observation changes the action of the next one',
    ],
  ])('finds %s', async (_what, run, message) => {
    await expect(checkGuard(definition, run)).rejects.toMatchObject({
      code: 'UNGUARDED',
      message: expect.stringContaining(message),
    });
  });

  it('tries some places of a wide observation, up to its end', async () => {
    const tried = new Set<number>();
    const wide = checkSnapshot(randomSnapshot({ sizes: [376, 2] }));
    await checkGuard(wide, async (batch, count) => {
      const actions = new Float32Array(2 * count);
      batch.forEach((value, i) => {
        if (Number.isFinite(value)) return;
        tried.add(i % 376);
        actions.fill(NaN, 2 * Math.floor(i / 376), 2 * Math.floor(i / 376) + 2);
      });
      return actions;
    });
    expect(tried.size).toBe(94);
    expect(Math.max(...tried)).toBeGreaterThan(370);
  });
});
