import { isTensor, type Value } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { serveCounting } from '../support/server.ts';

/** The rows of a batch without the random draw: [step, action]. */
const rows = (value: Value): number[][] => {
  if (!isTensor(value)) return [];
  const width = value.shape[1];
  const all = [...value.data].map(Number);
  return Array.from({ length: value.shape[0] }, (_, i) => all.slice(i * width + 1, (i + 1) * width));
};
const draws = (value: Value): number[] =>
  isTensor(value) ? [...value.data].map(Number).filter((_, i) => i % value.shape[1] === 0) : [];

const actions = (...first: number[]) => Float32Array.from(first.flatMap((a) => [a, 0]));

describe('a vector session', () => {
  it('seeds environment i with seed + i', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 3 });
    const together = draws((await envs.reset({ seed: 5 })).observation);
    const listed = draws((await envs.reset({ seeds: [5, 6n, 7] })).observation);
    expect(new Set(together).size).toBe(3);
    expect(listed).toEqual(together);
    const single = await connection.make('Counting-v0');
    const { observation } = await single.reset({ seed: 6 });
    expect(isTensor(observation) && Number(observation.data[0])).toBe(together[1]);
  });

  it('next-step: the step after the end ignores its action and returns the reset observation, reward 0', async () => {
    const { connection } = await serveCounting({ terminateAfter: 2 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 2 });
    expect(envs.autoresetMode).toBe('next-step');
    await envs.reset({ seed: 1 });
    await envs.step(actions(0.1, 0.2));
    const end = await envs.step(actions(0.3, 0.4));
    expect(end).toMatchObject({ terminated: [true, true], truncated: [false, false] });
    expect(rows(end.observation)).toEqual([
      [2, Math.fround(0.3)],
      [2, Math.fround(0.4)],
    ]);
    expect(end.final).toBeUndefined();
    // The ignored action may even be NaN.
    const next = await envs.step(actions(Number.NaN, 0.6));
    expect(rows(next.observation)).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect([...next.rewards]).toEqual([0, 0]);
    expect(next.terminated).toEqual([false, false]);
    expect(next.infos.get(0)).toEqual({ start: true });
    expect(rows((await envs.step(actions(0.7, 0.8))).observation)[0]).toEqual([1, Math.fround(0.7)]);
  });

  it('same-step: returns the reset observation and carries the final one', async () => {
    const { connection } = await serveCounting({ terminateAfter: 2 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 2, autoresetMode: 'same-step' });
    await envs.reset({ seed: 1 });
    // Environment 1 is one step ahead: it ends alone.
    await envs.reset({ mask: [false, true] });
    await envs.step(actions(0.1, 0.2));
    await envs.reset({ mask: [true, false] });
    const end = await envs.step(actions(0.3, 0.4));
    expect(end.terminated).toEqual([false, true]);
    expect([...end.rewards]).toEqual([0.1, 0.2]);
    expect(rows(end.observation)).toEqual([
      [1, Math.fround(0.3)],
      [0, 0],
    ]);
    expect(end.final?.envIndices).toEqual([1]);
    expect(rows(end.final?.observation ?? null)).toEqual([[2, Math.fround(0.4)]]);
    expect(end.final?.infos.get(1)).toEqual({ step: 2n });
    expect(end.infos.get(1)).toEqual({ start: true });
    expect(end.infos.get(0)).toEqual({ step: 1n });
  });

  it('disabled: an ended environment must be reset by mask, the others keep their episodes', async () => {
    const { connection } = await serveCounting({ terminateAfter: 2 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 2, autoresetMode: 'disabled' });
    await envs.reset({ seed: 1 });
    await envs.step(actions(0, 0));
    await envs.reset({ mask: [true, false] });
    expect((await envs.step(actions(0, 0))).terminated).toEqual([false, true]);
    await expect(envs.step(actions(0, 0))).rejects.toThrow(/environment 1 has ended its episode/);
    const reset = await envs.reset({ mask: [false, true] });
    expect(rows(reset.observation).map(([step]) => step)).toEqual([1, 0]);
    expect((await envs.step(actions(0, 0))).terminated).toEqual([true, false]);
  });

  it('checks all actions before any environment moves', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 3 });
    await envs.reset();
    await expect(envs.step(actions(0, 0, Number.NaN))).rejects.toThrow(/action of environment 2\[0\] is NaN/);
    await expect(envs.step(new Float32Array(4))).rejects.toThrow(
      /expected 6 numbers \(shape \[3, 2\]\), got 4/,
    );
    expect(rows((await envs.step(new Float32Array(6))).observation).map(([step]) => step)).toEqual([1, 1, 1]);
  });

  it('checks all actions also between steps in which no episode ends', async () => {
    const { connection } = await serveCounting({ terminateAfter: 4 });
    const made = { numEnvs: 3, outOfBoundsRule: 'reject', autoresetMode: 'disabled' } as const;
    const envs = await connection.makeVector('Counting-v0', made);
    await envs.reset();
    for (let i = 0; i < 3; i++) {
      await envs.step(actions(0, 0, 0));
      await expect(envs.step(actions(0, Number.NaN, 0))).rejects.toThrow(
        /action of environment 1\[0\] is NaN/,
      );
      await expect(envs.step(actions(0, 0, 9))).rejects.toThrow(
        /action of environment 2\[0\] is 9, outside its high/,
      );
    }
    expect(rows((await envs.step(actions(0, 0, 0))).observation).map(([step]) => step)).toEqual([4, 4, 4]);
    await expect(envs.step(actions(0, 0, 0))).rejects.toThrow(/environment 0 has ended its episode/);
    await envs.reset({ mask: [true, false, true] });
    await expect(envs.step(actions(0, 0, 0))).rejects.toThrow(/environment 1 has ended its episode/);
  });

  it('refuses a seed whose successors do not fit, before any environment is reset', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 2 });
    await envs.reset({ seed: 3 });
    await envs.step(actions(0, 0));
    await expect(envs.reset({ seed: 2n ** 64n - 1n })).rejects.toThrow(/must be below 2\^64/);
    expect(rows((await envs.step(actions(0, 0))).observation).map(([step]) => step)).toEqual([2, 2]);
  });

  it.each([
    [{ seeds: [1] }, /expected 2 seeds, got 1/],
    [{ mask: [true] }, /mask of 2 environments, got one of 1/],
    [{ mask: [false, false] }, /names none/],
  ])('refuses reset %o', async (options, message) => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 2 });
    await envs.reset();
    await expect(envs.reset(options)).rejects.toThrow(message);
  });

  it('refuses a partial reset of environments that have none yet', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 2 });
    await expect(envs.reset({ mask: [true, false] })).rejects.toThrow(/environment 1 has not been reset yet/);
  });
});
