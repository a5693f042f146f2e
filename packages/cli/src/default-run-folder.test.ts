import { join, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultGroupFolder, defaultRunFolder } from './default-run-folder.ts';

describe('the default folder of a run', () => {
  it('is named after environment and seed, below the namespace', () => {
    expect(defaultRunFolder('Pendulum-v1', 0)).toBe(join('runs', 'Pendulum-v1-seed0'));
    expect(defaultRunFolder('my/Arm-v0', 3)).toBe(join('runs', 'my', 'Arm-v0-seed3'));
    expect(defaultRunFolder('größe: 1', 0)).toBe(join('runs', 'gr%c3%b6%c3%9fe%3a%201-seed0'));
  });

  it('is shared by no two environments: a slash and a dash are two ids', () => {
    expect(defaultRunFolder('my/Arm-v0', 0)).not.toBe(defaultRunFolder('my-Arm-v0', 0));
    const id = fc.string({ unit: fc.constantFrom('a', '/', '-', '.', '%', ' ', 'é', '\\', ':', '2', 'f') });
    fc.assert(
      fc.property(id, id, (one, other) => {
        fc.pre(one !== other);
        expect(defaultRunFolder(one, 0)).not.toBe(defaultRunFolder(other, 0));
      }),
    );
  });

  it('lies below runs, whatever the id', () => {
    const id = fc.string({ unit: fc.constantFrom('a', '/', '.', '\\') });
    fc.assert(
      fc.property(id, (envId) => {
        const folder = defaultRunFolder(envId, 0);
        expect(normalize(folder)).toBe(folder);
        expect(folder.startsWith(join('runs', '/'))).toBe(true);
      }),
    );
  });
});

describe('the default folder of several runs', () => {
  it('is named after their seeds, in whatever order they were given', () => {
    expect(defaultGroupFolder('Pendulum-v1', [0, 1, 2, 3, 4])).toBe(join('runs', 'Pendulum-v1-seeds0-4'));
    expect(defaultGroupFolder('my/Arm-v0', [7, 0, 4, 3])).toBe(join('runs', 'my', 'Arm-v0-seeds0_3-4_7'));
    expect(defaultGroupFolder('A-v0', [5])).toBe(join('runs', 'A-v0-seeds5'));
  });

  it('is none where no folder could be called so', () => {
    expect(
      defaultGroupFolder(
        'A-v0',
        Array.from({ length: 60 }, (_, i) => 2 * i),
      ),
    ).toBeUndefined();
  });
});
