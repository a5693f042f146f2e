/** The scenario tables that both languages' robots play: each command, with its time. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readTables, type Scenario, ScenarioPlayer } from './testing/scenario.ts';

const folder = new URL('../../../test/golden/robot/', import.meta.url);
const { settings, families } = readTables(folder);

describe.each(families)('$family', ({ scenarios }) => {
  it.each(scenarios)('$name', async (scenario) => {
    for await (const { expected, actual } of new ScenarioPlayer(scenario, settings).play()) {
      expect(actual).toEqual(expected);
    }
  });
});

/** Returns whether the robot does what a table says that its scenario does not. */
async function agrees(table: Scenario['table']): Promise<boolean> {
  for await (const { expected, actual } of new ScenarioPlayer({ name: 'false', table }, settings).play()) {
    if (!isDeepStrictEqual(actual, expected)) return false;
  }
  return true;
}

it.each<[string, boolean, Scenario['table']]>([
  ['true', true, [[20, null, [['safe', 0.5, -0.5]]]]],
  ['a time', false, [[21, null, [['safe', 0.5, -0.5]]]]],
  ['a number', false, [[20, null, [['safe', 0.5, -0.25]]]]],
  ['a kind', false, [[20, null, [['hold', 0.5, -0.5]]]]],
  ['a command too few', false, [[20, null, []]]],
  ['what is told', false, [[20, null, [['safe', 0.5, -0.5]], [{ stopped: 'x' }]]]],
])('a table that is false in one thing is noticed: %s', async (_, isTrue, table) => {
  expect(await agrees(table)).toBe(isTrue);
});

it('tables that are missing are a fault', () => {
  expect(() => readTables(new URL('nowhere/', folder))).toThrow(/ENOENT.*golden.*index\.json/);
});
