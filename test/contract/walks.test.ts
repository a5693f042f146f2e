/** The walks of docs/architecture.md: each file is there, and no room is entered again once it was left. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';

const text = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8');

/** The files of a walk: the first cells of the table below its name. */
function filesOf(walk: string): string[] {
  const [, below = ''] = text.split(`**${walk}**`);
  const [part = ''] = below.split(/^(?:## |\*\*)/m);
  return [...part.matchAll(/^\| `([^`]+)`/gm)].map(([, file = '']) => file);
}

/** Rooms in the order of the walk, each as often as it is entered: a package, and its folder if the file is in one. */
function entered(files: readonly string[]): string[] {
  const rooms = files.map((file) => file.split('/').slice(0, -1).slice(0, 2).join('/'));
  return rooms.filter((room, i) => room !== rooms[i - 1]);
}

describe.each(['Training', 'Deployment'])('the walk %s', (walk) => {
  const files = filesOf(walk);

  it('leads through files that are there', () => {
    expect(files.length).toBeGreaterThan(5);
    const missing = files.filter((file) => {
      const [name = '', ...path] = file.split('/');
      return !existsSync(join(ROOT, 'packages', name, 'src', ...path));
    });
    expect(missing).toEqual([]);
  });

  it('does not turn back', () => {
    const rooms = entered(files);
    expect(rooms).toEqual([...new Set(rooms)]);
  });
});

it('a walk that turns back is seen', () => {
  expect(entered(['a/b/c.ts', 'a/d/e.ts', 'a/b/f.ts', 'a/b/g.ts'])).toEqual(['a/b', 'a/d', 'a/b']);
});
