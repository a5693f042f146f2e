/** docs/presets.md says what the presets are, and every environment that is built in has one. */
import { readFileSync } from 'node:fs';
import { resolveTrainOptions } from '@gymwire/agent-sdk/parts';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it } from 'vitest';
import { tableRows } from '../support/markdown.ts';

const page = readFileSync(new URL('../../docs/presets.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');
const rows = new Map(tableRows(page, 'environment').map(([id = '', ...cells]) => [id, cells]));

function cellsOf(envId: string): string[] {
  const options = resolveTrainOptions({ envId });
  const number = (value: number) => String(value).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
  // The authors update one set of networks with one rate; so does every preset.
  expect(options.criticLearningRate).toBe(options.actorLearningRate);
  return [
    number(options.totalEnvSteps),
    options.hiddenSizes.join('-'),
    number(options.batchSize),
    String(options.actorLearningRate),
    String(options.gamma),
    number(options.learningStarts),
    `${options.explorationNoise} ${options.explorationNoiseType}`,
    number(options.evaluationInterval),
  ];
}

describe('docs/presets.md', () => {
  it('has a row for every environment that is built in, and one for the others', () => {
    const ids = builtinEnvs.map(({ id }) => `\`${id}\``);
    expect([...rows.keys()].sort()).toEqual([...ids, 'any other'].sort());
  });

  it.each(builtinEnvs.map(({ id }) => id))('is right about %s', (id) => {
    expect(rows.get(`\`${id}\``)).toEqual(cellsOf(id));
    expect(cellsOf(id)).not.toEqual(cellsOf('Other-v0'));
  });

  it('is right about the defaults', () => {
    expect(rows.get('any other')).toEqual(cellsOf('Other-v0'));
  });
});
