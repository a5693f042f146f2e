import type { ObservationLayout } from './policy-snapshot.ts';

/** Numbers in an observation. */
export function layoutSize(layout: ObservationLayout): number {
  switch (layout.type) {
    case 'box':
      return layout.shape.reduce((product, size) => product * size, 1);
    case 'dict':
      return layout.entries.reduce((sum, [, entry]) => sum + layoutSize(entry), 0);
    case 'tuple':
      return layout.items.reduce((sum, item) => sum + layoutSize(item), 0);
  }
}

/**
 * The way in which another environment's observations would be misread: keys, order and sizes of their parts count,
 * types do not.
 * @returns undefined where they would not
 */
export function layoutDifference(trained: ObservationLayout, given: ObservationLayout): string | undefined {
  const [expected, got] = [partsOf(trained, 'observation'), partsOf(given, 'observation')];
  const at = expected.findIndex((part, i) => part !== got[i]);
  if (at < 0 && expected.length === got.length) return undefined;
  const index = at < 0 ? expected.length : at;
  return `expected ${expected[index] ?? 'nothing'} as its part ${index + 1}, got ${got[index] ?? 'nothing'}`;
}

function partsOf(layout: ObservationLayout, path: string): string[] {
  switch (layout.type) {
    case 'box':
      return [`${path} of ${layoutSize(layout)} numbers`];
    case 'dict':
      return layout.entries.flatMap(([key, entry]) => partsOf(entry, `${path}[${JSON.stringify(key)}]`));
    case 'tuple':
      return layout.items.flatMap((item, i) => partsOf(item, `${path}[${i}]`));
  }
}
