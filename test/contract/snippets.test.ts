/** Code that documents show of files: a fence is written anew from its region, and drift turns the gate red. */
import { describe, expect, it } from 'vitest';
import { pagesWithSnippets, regionOf, snippet, withSnippets } from '../../scripts/snippets.mjs';

const file = `import x from 'x';

function f() {
  // #region outer
  // #region inner
  const a = 1;

  if (a) {
    g();
  }
  // #endregion
  return a;
  // #endregion outer
}
`;

describe('a region', () => {
  it('is moved to the left edge, without the marks inside it', () => {
    expect(regionOf(file, 'inner')).toBe('const a = 1;\n\nif (a) {\n  g();\n}\n');
    expect(regionOf(file, 'outer')).toBe('const a = 1;\n\nif (a) {\n  g();\n}\nreturn a;\n');
    expect(regionOf(file)).not.toContain('region');
    expect(regionOf('# region a\nx = 1\n# endregion\n', 'a')).toBe('x = 1\n');
  });

  it.each([
    ['// #region a\n', 'region a has no end'],
    ['// #endregion\n', 'a region ends that has not begun'],
    ['x\n', 'expected one region a, found 0'],
    ['// #region a\nx\n// #endregion\n// #region a\nx\n// #endregion\n', 'expected one region a, found 2'],
  ])('must be there once, and have an end: %j', (text, fault) =>
    expect(() => regionOf(text, 'a')).toThrow(fault),
  );
});

describe('a fence', () => {
  const find = (source: string) => `of ${source};\n\nlast;\n`;

  it('gets the code that it names, whatever it held', () => {
    const page = '# A\n\n```js browser from a/b.ts#c\nstale;\n```\n\n```ts\nown;\n```\n';
    const fresh = '# A\n\n```js browser from a/b.ts#c\nof a/b.ts#c;\n\nlast;\n```\n\n```ts\nown;\n```\n';
    expect(withSnippets(page, find)).toBe(fresh);
    expect(withSnippets(fresh, find)).toBe(fresh);
  });

  it('keeps the stars of a doc comment', () => {
    const page = '/**\n * ```ts from a.ts\n * ```\n */\n';
    expect(withSnippets(page, find)).toBe(
      '/**\n * ```ts from a.ts\n * of a.ts;\n *\n * last;\n * ```\n */\n',
    );
  });

  it.each([
    ['scripts/check.mjs', 'expected a file that tests run'],
    ['packages/agent-sdk/src/errors.test.ts', 'expected a file that tests run'],
    ['examples/no-such.ts', 'no such file'],
    ['examples/own-env/cart.ts#no-such', 'examples/own-env/cart.ts#no-such: expected one region'],
  ])('may not name %s', (source, fault) => expect(() => snippet(source)).toThrow(fault));
});

it('is used in doc comments', async () => {
  expect(await pagesWithSnippets()).toContain('packages/agent-sdk/src/train/train.ts');
});
