import { expect, it } from 'vitest';
import { CompiledModels } from './compiled-models.ts';

const files = {};
const text = (xml: string) => ({ xml, files });

/** Compiles every model to `bytes`, and tells which. */
function store(maxBytes: number, bytes = 10) {
  const compiled: string[] = [];
  const models = new CompiledModels(maxBytes, async (_, { xml }) => {
    compiled.push(xml);
    if (xml === 'bad') throw new Error('bad model');
    return new Uint8Array(bytes);
  });
  return { models, compiled };
}

it('compiles a source once, also for those who ask at the same time', async () => {
  const { models, compiled } = store(1000);
  const both = await Promise.all([models.get('x', text('a')), models.get('y', text('a'))]);
  expect(both[0]).toBe(both[1]);
  expect(await models.get('x', text('a'))).toBe(both[0]);
  await models.get('x', { xml: 'a', files: {} });
  expect(compiled).toEqual(['a', 'a']);
});

it('keeps the sources used last within its bytes', async () => {
  // Two of 12 bytes fit: 10 compiled, 2 of text.
  const { models, compiled } = store(24);
  for (const xml of ['a', 'b', 'a', 'c', 'a', 'b']) await models.get('x', text(xml));
  expect(compiled).toEqual(['a', 'b', 'c', 'b']);
});

it('hands out what is too large to be kept', async () => {
  const { models, compiled } = store(5);
  expect(await models.get('x', text('a'))).toHaveLength(10);
  await models.get('x', text('a'));
  expect(compiled).toEqual(['a', 'a']);
});

it('does not keep what went wrong', async () => {
  const { models, compiled } = store(1000);
  const asked = [models.get('x', text('bad')), models.get('x', text('bad'))];
  for (const outcome of await Promise.allSettled(asked)) expect(outcome.status).toBe('rejected');
  await expect(models.get('x', text('bad'))).rejects.toThrow('bad model');
  expect(compiled).toEqual(['bad', 'bad']);
});
