// The pages of docs/reference, written from what the packages say of themselves: commands and their help, metrics,
// error codes with what they mean (where they are defined) and what to do (remedies.mjs).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remedies } from './remedies.mjs';
import { importSource } from './sources.mjs';
import { alignedTable } from './tables.mjs';
import { ROOT } from './tools.mjs';

/** @typedef {Readonly<Record<string, Readonly<Record<string, string>>>>} Dictionary */

const note = '<!-- Written by `npm run generate`. -->';

/** @param {string} path */
const read = (path) => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');

/**
 * The pages by the names of their files.
 * @returns {Promise<Record<string, string>>}
 */
export async function referencePages() {
  return {
    'commands.md': await commandsPage(),
    'metrics.md': await metricsPage(),
    'errors.md': errorsPage(),
  };
}

/** @param {string} text of a cell or a paragraph: what looks like HTML is none */
const escaped = (text) => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @param {string} text */
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;

async function commandsPage() {
  const { program } = /** @type {typeof import('../packages/cli/src/all-commands.ts')} */ (
    await importSource('packages/cli/src/all-commands.ts')
  );
  const commands = program.commands.filter((command) => command.name() !== 'help');
  const overview = commands.map((command) => [
    `[\`${command.name()}\`](#${command.name()})`,
    escaped(sentence(command.description())),
  ]);
  const sections = commands.map(
    (command) =>
      `## ${command.name()}\n\n${escaped(sentence(command.description()))}\n\n` +
      `\`\`\`sh\ngymwire ${command.name()} ${command.usage()}\n\`\`\`\n\n${flagTable(command.options)}`,
  );
  return (
    `${note}\n\n# Commands and flags\n\nEvery command of \`gymwire\` with every flag, as \`--help\` has it; ` +
    '[by task](../command-line.md). What the process ends with: ' +
    '[exit codes](errors.md#exit-codes). A flag that is given twice is refused, unless it is repeatable.\n\n' +
    `${alignedTable([['command', 'what it does'], ...overview])}\n` +
    `## Before every command\n\n${flagTable(program.options)}\n${sections.join('\n')}`
  );
}

/** @param {(typeof import('../packages/cli/src/all-commands.ts'))['program']['options']} options */
function flagTable(options) {
  if (options.length === 0) return 'No flags.\n';
  const rows = options.map(({ flags, description, defaultValue, argChoices }) => {
    const choices =
      argChoices === undefined ? '' : ` One of ${argChoices.map((one) => `\`${one}\``).join(', ')}.`;
    const isSaid = defaultValue === undefined || (Array.isArray(defaultValue) && defaultValue.length === 0);
    const preset = isSaid ? '' : ` Default: \`${String(defaultValue)}\`.`;
    return [`\`${flags}\``, `${escaped(sentence(description))}${choices}${preset}`];
  });
  return alignedTable([['flag', 'what'], ...rows]);
}

async function metricsPage() {
  const metrics = await dictionarySections('metrics', 'metricsDictionary');
  const events = await dictionarySections('events', 'eventsDictionary');
  const timing = await dictionarySections('timing', 'timingDictionary');
  return (
    `${note}\n\n# Metrics, events, timing\n\nA run’s folder has three files of JSON lines, each with its \`type\` first. What cannot be told yet is ` +
    '`null`. `metricsDictionary`, `eventsDictionary` and `timingDictionary` of `@gymwire/agent-sdk/parts` are this page as data.\n\n' +
    '`metrics.jsonl` has what was learnt and nothing else: no time of day, no duration, no warning, no resume. Equal seeds give equal bytes.\n\n' +
    `${metrics}\n\`events.jsonl\` has what happened, each line with its time of day. A run that goes on from an earlier checkpoint keeps ` +
    `what happened after it, and may tell the same again.\n\n${events}\n` +
    `\`timing.jsonl\` has where time went.\n\n${timing}`
  );
}

/**
 * A section for each kind of line of a dictionary: what stands above it, and its fields.
 * @param {string} file
 * @param {string} name
 */
async function dictionarySections(file, name) {
  const path = `packages/agent-sdk/src/run-folder/${file}.ts`;
  const exported = /** @type {Readonly<Record<string, Dictionary>>} */ (await importSource(path));
  const meanings = commentsOf(read(path), /^ {2}(\w+): \{/gm);
  const sections = Object.entries(exported[name] ?? {}).map(([type, fields]) => {
    const rows = Object.entries(fields).map(([field, meaning]) => [`\`${field}\``, meaning]);
    return `## ${type}\n\n${meaningOf(meanings, type)}\n\n${alignedTable([['field', 'what'], ...rows])}`;
  });
  return sections.join('\n');
}

function errorsPage() {
  const wire = wireCodes();
  const python = [
    ...read('bridges/python/src/gymwire/errors.py').matchAll(/^ {4}"([A-Z_]+)": "[A-Z_]+",$/gm),
  ];
  assertSame(
    'bridges/python/src/gymwire/errors.py',
    [...wire.keys()],
    python.map(([, code = '']) => code),
  );
  const transport = commentsOf(read('packages/protocol/src/errors.ts'), /^ {2}\| '([A-Z_]+)'/gm);
  const agent = commentsOf(read('packages/agent-sdk/src/errors.ts'), /^ {2}'([A-Z_]+)',$/gm);
  const progress = read('packages/agent-sdk/src/train/report/progress.ts');
  const warning = commentsOf(progress, /^ {2}\| '([A-Z_]+)';?$/gm);
  const exporter = commentsOf(read('packages/exporter/src/errors.ts'), /^ {2}'([A-Z_]+)',$/gm);
  const exit = commentsOf(read('packages/cli/src/exit-codes.ts'), /^ {2}(\w+): \d+,$/gm);
  const numbers = new Map(
    [...read('packages/cli/src/exit-codes.ts').matchAll(/^ {2}(\w+): (\d+),$/gm)].map(([, name, number]) => [
      name,
      number,
    ]),
  );
  return [
    `${note}\n\n# Error codes\n\nAn error has a \`code\`, which is stable, and a message, which says what was expected, what came ` +
      'and where, and may change. Compare codes, never words.\n',
    '## Of the protocol\n\nWhat a server answers, in every language: `code` of a `GymwireError` in TypeScript and in ' +
      'Python. `origin` says who speaks; from the `transport` the same code may ask for something else: ' +
      '[the protocol’s page](../protocol.md#errors) has both, with the gRPC statuses.\n',
    codeTable('wire', wire),
    '## Where no server answered\n\nThe clients’ own codes of a `GymwireError`, in TypeScript and in Python.\n',
    codeTable('transport', transport),
    '## Of training\n\n`code` of an `AgentError` of `@gymwire/agent-sdk`.\n',
    codeTable('agent', agent),
    '## Warnings of training\n\nTraining goes on, and the exit code stays 0. `warnings` of the result has them, and lines of ' +
      'type `warning` in [events.jsonl](metrics.md#warning).\n',
    codeTable('warning', warning),
    '## Of policy files\n\n`code` of an `ExporterError` of `@gymwire/exporter`.\n',
    codeTable('exporter', exporter),
    '## Exit codes\n\nWhat `gymwire` ends with. With `--json` the last line has the `code` of the error, too.\n',
    codeTable('exit', exit, (name) => numbers.get(name) ?? name),
  ].join('\n');
}

/** The codes of error.proto, with the comments above them. */
function wireCodes() {
  const found = commentsOf(read('proto/gymwire/v1/error.proto'), /^ {2}ERROR_CODE_(\w+) = [1-9]\d*;$/gm);
  const declared = /wireErrorCodes = \[([^\]]*)\]/.exec(read('packages/protocol/src/errors.ts'))?.[1] ?? '';
  assertSame(
    'packages/protocol/src/errors.ts',
    [...found.keys()],
    [...declared.matchAll(/'(\w+)'/g)].map(([, code = '']) => code),
  );
  return found;
}

/**
 * What stands above each name, a comment of one line or of several; empty: nothing.
 * @param {string} text
 * @param {RegExp} names finds lines, with the name in its first group
 * @returns {Map<string, string>}
 */
export function commentsOf(text, names) {
  const found = /** @type {Map<string, string>} */ (new Map());
  for (const { 1: name = '', index } of text.matchAll(names)) {
    const above = text.slice(0, index).split('\n').slice(0, -1);
    const start = above.findLastIndex((line) => !/^\s*(\/\/|\/\*\*|\*)/.test(line)) + 1;
    const words = above
      .slice(start)
      .map((line) => line.replace(/^\s*(\/\/|\/\*\*|\*\/|\*)/, '').replace(/\*\/\s*$/, ''));
    found.set(name, words.join(' ').replaceAll(/\s+/g, ' ').trim());
  }
  return found;
}

/**
 * A table of codes with what they mean and what to do.
 * @param {keyof typeof remedies} family
 * @param {ReadonlyMap<string, string>} meanings
 * @param {(code: string) => string} [shown]
 */
export function codeTable(family, meanings, shown = (code) => `\`${code}\``) {
  const known = remedies[family];
  assertSame(`scripts/remedies.mjs, ${family}`, [...meanings.keys()], Object.keys(known));
  const rows = [...meanings.keys()].map((code) => [
    shown(code),
    escaped(meaningOf(meanings, code)),
    escaped(known[code] ?? ''),
  ]);
  return alignedTable([['code', 'meaning', 'what to do'], ...rows]);
}

/**
 * @param {ReadonlyMap<string, string>} meanings
 * @param {string} name
 */
function meaningOf(meanings, name) {
  const meaning = meanings.get(name) ?? '';
  if (meaning === '') throw new Error(`${name}: expected a comment above it that says what it means`);
  return meaning;
}

/**
 * @param {string} where
 * @param {readonly string[]} expected
 * @param {readonly string[]} found
 */
function assertSame(where, expected, found) {
  const missing = expected.filter((code) => !found.includes(code));
  const unknown = found.filter((code) => !expected.includes(code));
  if (missing.length + unknown.length === 0) return;
  throw new Error(
    `${where}: expected a line for each code; missing: ${missing.join(', ') || 'none'}; not a code: ${unknown.join(', ') || 'none'}`,
  );
}
