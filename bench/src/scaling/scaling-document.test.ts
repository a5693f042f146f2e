/** What docs/scaling.md says is what the saved run says. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const page = read('docs/scaling.md');
const { data } = JSON.parse(read('bench/results/amd-epyc-2/scaling.json')) as {
  readonly data: {
    readonly costs: Readonly<Record<'updateMs' | 'drawMs' | 'messageMs' | 'actMs', number>>;
    readonly tasks: ReadonlyArray<{ delayMs: number; useful: number; rates: readonly number[] }>;
    readonly compared: ReadonlyArray<Readonly<Record<'simulatedMs' | 'realMs' | 'medianMs', number>>>;
    readonly simulated: ReadonlyArray<{
      fleet: { delayMs: number; updatesPerTransition: number };
      run: { transitionsPerSecond: number };
    }>;
  };
};

/** "7 788". */
const spaced = (value: number) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ');
const cells = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

it('says what was measured', () => {
  const { updateMs, drawMs, messageMs, actMs } = data.costs;
  expect(page).toContain(`${updateMs.toFixed(2)} ms`);
  expect(page).toContain(`${(drawMs * 1e3).toFixed(0)} µs`);
  for (const ms of [messageMs, actMs]) expect(page).toContain(`${(ms * 1e3).toFixed(1)} µs`);
});

it('says what was computed', () => {
  const near = data.tasks.filter(({ delayMs }) => delayMs === 10);
  for (const { rates } of near) {
    expect(cells).toContainEqual(expect.arrayContaining(rates.map(spaced)));
  }
  for (const i of near.keys()) {
    const ofTask = data.tasks.slice(3 * i, 3 * i + 3).map(({ useful }) => useful);
    expect(page).toContain(` ${ofTask.join(', ')} |`);
  }
});

it('says what was simulated', () => {
  const near = data.simulated.filter(({ fleet }) => fleet.delayMs === 10);
  const pairs = (updates: number) => {
    const rates = near
      .filter(({ fleet }) => fleet.updatesPerTransition === updates)
      .map(({ run }) => spaced(run.transitionsPerSecond));
    const half = rates.length / 2;
    return rates.slice(0, half).map((strict, i) => `${strict}, ${rates[half + i]}`);
  };
  const few = pairs(0.05);
  expect(few).toHaveLength(5);
  for (const [i, pair] of pairs(1).entries()) {
    expect(cells).toContainEqual(expect.arrayContaining([pair, few[i]]));
  }
});

it('says what real servers came to', () => {
  expect(data.compared).toHaveLength(4);
  for (const { simulatedMs, realMs, medianMs } of data.compared) {
    const row = [simulatedMs, realMs, medianMs].map((ms) => ms.toFixed(1));
    expect(cells).toContainEqual(expect.arrayContaining(row));
  }
});
