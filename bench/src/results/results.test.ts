import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machineFolder } from '../support/machine.ts';
import { formatJson } from './format-json.ts';
import { formatIndex, isIndexFresh, writeIndex } from './results-index.ts';
import { readResults, resultsFolder, slimPicture } from './saved-results.ts';

let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'gymwire-results-'));
  cpSync(resultsFolder, copy, { recursive: true });
});

afterEach(() => rmSync(copy, { recursive: true, force: true }));

function change(path: string, from: string, to: string): void {
  const text = readFileSync(join(copy, path), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(copy, path), text.replace(from, to));
}

describe('the index of results', () => {
  it('is what the results say', () => expect(isIndexFresh()).toBe(true));

  it('is no longer when a result changes, and is again when it is written anew', () => {
    change('intel-xeon-2/wire.json', '"p50 µs":64,', '"p50 µs":65,');
    expect(isIndexFresh(copy)).toBe(false);
    writeIndex(copy);
    expect(isIndexFresh(copy)).toBe(true);
    expect(readFileSync(join(copy, 'README.md'), 'utf8')).toContain('gymwire stream, 1 env: 65 µs');
  });

  it('refuses a result that answers no question, lies in another machine’s folder or has no table', () => {
    const [first] = readResults(copy);
    expect(() => formatIndex([{ ...first, name: 'speed' }])).toThrow(/speed: expected a name that answers/);
    change('intel-xeon-2/soak.json', 'Intel(R) Xeon(R)', 'AMD EPYC');
    expect(() => readResults(copy)).toThrow(/soak\.json: of AMD EPYC .*, so expected in amd-epyc-2/);
    rmSync(join(copy, 'amd-epyc-2', 'abuse.md'));
    expect(() => readResults(copy)).toThrow(/abuse\.json: expected its table in abuse\.md/);
  });

  it('has the newest answer to a question first', () => {
    const older = readResults(copy).filter(({ name }) => name === 'wire');
    const newer = older.map((result) => ({ ...result, folder: 'amd-epyc-2', date: '2027-01-01' }));
    const text = formatIndex([...older, ...newer]);
    expect(text.indexOf('amd-epyc-2/wire.md')).toBeLessThan(text.indexOf('intel-xeon-2/wire.md'));
  });
});

it('names a machine’s folder after its processor and cores', () => {
  expect(machineFolder('Intel(R) Xeon(R) Processor, 2 cores, 24 GiB, linux x64, Node v20')).toBe(
    'intel-xeon-2',
  );
  expect(machineFolder('Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz, 8 cores, 16 GiB')).toBe(
    'intel-core-i7-8550u-8',
  );
  expect(machineFolder('Apple M2, 8 cores, 16 GiB, darwin arm64')).toBe('apple-m2-8');
});

it('writes JSON whose lines are short and whose numbers are those given, to nine digits', () => {
  const value = {
    runs: Array.from({ length: 100 }, (_, i) => i / 7),
    rows: [{ name: 'a', p50: 1.5 }, null, 'x'.repeat(120)],
    left: undefined,
    count: 123456789012,
  };
  const text = formatJson(value);
  const parsed = JSON.parse(text) as typeof value;
  expect(parsed).toEqual({
    runs: value.runs.map((x) => Number(x.toPrecision(9))),
    rows: value.rows,
    count: value.count,
  });
  const long = text.split('\n').filter((line) => line.length > 110);
  expect(long.map((line) => line.trim())).toEqual([`"${'x'.repeat(120)}"`]);
});

it('leaves out of a picture what only a mouse needs', () => {
  const svg =
    '<svg><path d="M0 0" class="zr0-cls-0" ecmeta_data_index="1"/><style ><![CDATA[x]]></style>\n</svg>';
  expect(slimPicture(svg)).toBe('<svg><path d="M0 0"/></svg>');
});
