import { describe, expect, it } from 'vitest';
import { LoopShares, type Sharer } from './loop-shares.ts';

/** Shares whose next look at the sockets is up to the test. */
function create(sliceMs = 10) {
  const looks: Array<() => void> = [];
  const shares = new LoopShares(sliceMs, (run) => void looks.push(run));
  const done: string[] = [];
  const task = (sharer: Sharer & { name: string }, ms: number, name = sharer.name) =>
    shares.take(sharer, () => {
      shares.charge(sharer, ms);
      done.push(name);
    });
  const look = () => {
    const run = looks.shift();
    done.push('|');
    run?.();
  };
  return { shares, task, done, look, looks };
}

const sharer = (name: string) => ({ name, usedMs: 0, lastMs: 0 });

describe('the loop', () => {
  it('looks at its sockets after some milliseconds of work', () => {
    const { task, done, look, looks } = create();
    const one = sharer('a');
    for (let i = 0; i < 60; i++) void task(one, 0.4);
    expect(done.join('')).toBe('a'.repeat(25));
    look();
    expect(done.join('')).toBe(`${'a'.repeat(25)}|${'a'.repeat(25)}`);
    look();
    expect(done).toHaveLength(62);
    expect(looks).toHaveLength(0);
  });

  it('carries out whoever had less of it before the next of many heavy requests', () => {
    const { task, done, look } = create();
    const [greedy, modest] = [sharer('G'), sharer('m')];
    for (let i = 0; i < 5; i++) void task(greedy, 16);
    look();
    void task(modest, 0.1);
    look();
    void task(modest, 0.1);
    look();
    look();
    expect(done.join('')).toBe('G|G|m|m|G');
  });

  it('looks at its sockets before each heavy request, so that what follows a small one is there in time', () => {
    const { task, done, look } = create();
    const [greedy, modest] = [sharer('G'), sharer('m')];
    for (let i = 0; i < 4; i++) void task(greedy, 16);
    void task(modest, 0.1);
    look();
    void task(modest, 0.1);
    for (let i = 0; i < 4; i++) look();
    expect(done.join('')).toBe('G|m|m|G|G|G');
  });

  it('shares itself among many who want much, and none of them waits for all of another’s', () => {
    const { task, done, look } = create();
    const all = ['a', 'b', 'c'].map(sharer);
    for (const one of all) for (let i = 0; i < 3; i++) void task(one, 16);
    for (let i = 0; i < 9; i++) look();
    const order = done.filter((name) => name !== '|').join('');
    expect(order.slice(0, 3).split('').sort().join('')).toMatch(/^(abc|aab)$/);
    for (const name of ['a', 'b', 'c']) expect(order.slice(0, 5)).toContain(name);
  });

  it('gives no credit for a time of silence', () => {
    const { task, done, look } = create();
    const [old, young] = [sharer('o'), sharer('y')];
    for (let i = 0; i < 10; i++) void task(old, 16);
    for (let i = 0; i < 10; i++) look();
    done.length = 0;
    // Both begin from where the clock stands, whatever they used before.
    for (let i = 0; i < 3; i++) {
      void task(young, 16);
      void task(old, 16);
    }
    for (let i = 0; i < 6; i++) look();
    const order = done.filter((name) => name !== '|').join('');
    expect(order).not.toMatch(/yyy|ooo/);
  });

  it('comes to an end with tasks that cost nothing here', () => {
    const { task, done, look } = create(1);
    const one = sharer('a');
    for (let i = 0; i < 250; i++) void task(one, 0);
    expect(done.length).toBeLessThan(150);
    while (done.length < 260 && done.filter((name) => name === 'a').length < 250) look();
    expect(done.filter((name) => name === 'a')).toHaveLength(250);
  });

  it('hands on what a task returns and throws, at once or later', async () => {
    const { shares, look } = create();
    const one = sharer('a');
    expect(shares.take(one, () => 1)).toBe(1);
    shares.charge(one, 20);
    const later = shares.take(one, () => 2);
    const failing = shares.take(one, () => {
      throw new Error('told to');
    });
    look();
    look();
    expect(await later).toBe(2);
    await expect(failing).rejects.toThrow('told to');
  });
});
