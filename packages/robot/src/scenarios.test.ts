/** The scenario tables that both languages' robots play: each command, with its time. */
import { describe, expect, it } from 'vitest';
import { readTables, ScenarioPlayer } from './testing/scenario.ts';

const folder = new URL('../../../test/golden/robot/', import.meta.url);
const { settings, families } = readTables(folder);

describe.each(families)('$family', ({ scenarios }) => {
  it.each(scenarios)('$name', async (scenario) => {
    for await (const { expected, actual } of new ScenarioPlayer(scenario, settings).play()) {
      expect(actual).toEqual(expected);
    }
  });
});

it('tables that are missing are a fault', () => {
  expect(() => readTables(new URL('nowhere/', folder))).toThrow(/ENOENT.*golden.*index\.json/);
});
