/** Columns of text for a terminal. */

/**
 * A header and a line a row, the columns in the order of the first row's keys.
 * @param numbers columns that are set to the right
 */
export function formatColumns(
  rows: ReadonlyArray<Readonly<Record<string, string>>>,
  numbers: ReadonlySet<string> = new Set(),
): string[] {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells.map((line) =>
    line
      .map((cell, column) =>
        numbers.has(names[column]) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  );
}

const units = [
  { name: 's', ms: 1000 },
  { name: 'min', ms: 60_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'd', ms: 86_400_000 },
] as const;

/** In the largest unit that it fills: "250 ms", "12 min". */
export function formatDuration(ms: number): string {
  const unit = units.findLast((one) => ms >= one.ms);
  return unit === undefined ? `${Math.round(ms)} ms` : `${Math.floor(ms / unit.ms)} ${unit.name}`;
}

/** A stranger's text, which may hold what a terminal would obey. */
export function printable(text: string, maxLength = 200): string {
  const safe = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return safe.length <= maxLength ? safe : `${safe.slice(0, maxLength - 1)}…`;
}
