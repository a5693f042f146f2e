import { describe, expect, it } from 'vitest';
import { createPlaceOf, placeOf } from './place-of.ts';
import { simulatorFault } from './user-code.ts';

const withStack = (...frames: readonly string[]) => {
  const error = new Error('x');
  error.stack = ['Error: x', ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
};

describe('the place of an exception', () => {
  it.each([
    ['a method', 'Arm.step (file:///home/me/my-sim/arm.js:12:5)', 'my-sim/arm.js:12 in Arm.step'],
    ['no function', 'file:///home/me/my-sim/arm.mjs:3:9', 'my-sim/arm.mjs:3'],
    ['a path of CommonJS', 'Object.reset (/srv/arm.cjs:7:1)', 'srv/arm.cjs:7 in Object.reset'],
    ['an async function', 'async reset (file:///srv/arm.js:8:2)', 'srv/arm.js:8 in reset'],
    ['a path with a percent sign', 'step (/home/me/100%/arm.cjs:3:5)', '100%/arm.cjs:3 in step'],
    ['a URL with spaces', 'step (file:///home/me/my%20sim/arm.js:3:5)', 'my sim/arm.js:3 in step'],
    ['a URL that is none', 'step (file:///srv/100%/arm.js:3:5)', '100%/arm.js:3 in step'],
  ])('is told of %s', (_, frame, expected) => {
    expect(placeOf(withStack(frame))).toBe(expected);
  });

  it('is the innermost line of user code, behind those of libraries, of Node and of this package', () => {
    const own = new URL('./user-code.ts', import.meta.url).href;
    const error = withStack(
      'parse (/srv/node_modules/json5/parse.js:1:1)',
      'readFileSync (node:fs:441:20)',
      'load (file:///srv/sim/load.js:9:3)',
      `callUserCode (${own}:17:3)`,
    );
    expect(placeOf(error)).toBe('sim/load.js:9 in load');
  });

  it.each([
    ['a URL', 'step (file:///C:/my%20sims/arm.js:4:2)', 'my sims/arm.js:4 in step'],
    ['a path', 'step (C:\\sims\\arm.cjs:4:2)', 'sims/arm.cjs:4 in step'],
    ['a line of this package', 'take (file:///C:/my%20apps/gymwire/dist/a.js:1:1)', undefined],
    ['a path of this package', 'take (C:\\my apps\\gymwire\\dist\\a.js:1:1)', undefined],
  ])('is told on Windows of %s', (_, frame, expected) => {
    const find = createPlaceOf(new URL('file:///C:/my%20apps/gymwire/dist/'), true);
    expect(find(withStack(frame))).toBe(expected);
  });

  it("is not in this package, also where its folder's name is another one as a URL", () => {
    const find = createPlaceOf(new URL('file:///srv/my%20apps/100%25/dist/'), false);
    const own = ['file:///srv/my%20apps/100%25/dist/a.js', '/srv/my apps/100%/dist/b.js'];
    expect(find(withStack(...own.map((file) => `take (${file}:1:1)`), 'step (/srv/sim.js:2:2)'))).toBe(
      'srv/sim.js:2 in step',
    );
  });

  it('is nothing where no line is of user code, or there is no stack', () => {
    expect(placeOf(withStack('new Socket (node:net:1:1)', 'native code'))).toBeUndefined();
    const bare = new Error('x');
    for (const stack of [undefined, 7, `at ${'('.repeat(1e6)}`]) {
      Reflect.set(bare, 'stack', stack);
      expect(placeOf(bare)).toBeUndefined();
    }
  });
});

it('an exception without a message is told with its name and its place', () => {
  const thrown = new TypeError();
  thrown.stack = 'TypeError\n    at Arm.step (file:///home/me/my-sim/arm.js:12:5)';
  expect(simulatorFault('step', thrown).message).toBe(
    'step: the simulator failed: TypeError without a message (my-sim/arm.js:12 in Arm.step)',
  );
});
