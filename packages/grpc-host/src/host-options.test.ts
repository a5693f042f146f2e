import { expect, it } from 'vitest';
import { connectionCap } from './host-options.ts';

it('connections leave room for the pipes of what is served', () => {
  expect(connectionCap(undefined, 1000, 0, 1024)).toEqual({ max: 835, warnings: [] });
  expect(connectionCap(undefined, 1000, 256, 1024)).toEqual({ max: 604, warnings: [] });
  expect(connectionCap(undefined, 1000, 256, Number.POSITIVE_INFINITY)).toEqual({ max: 1000, warnings: [] });
});

it('where there is room for neither, connections keep some of it, and the operator is told', () => {
  const tooFew = 'what is served here may open 256 files, and this process 200 in all: raise ulimit -n';
  expect(connectionCap(undefined, 1000, 256, 200)).toEqual({ max: 3, warnings: [tooFew] });
  const { max, warnings } = connectionCap(700, 1000, 256, 1024);
  expect(max).toBe(700);
  expect(warnings).toEqual([expect.stringMatching(/^maxConnections: 700 may be more/)]);
});
