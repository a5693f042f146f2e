// What is written from agent-sdk's table of options: hover texts, JSON Schemas (of options, and of config files), the table in docs/options.md.
import { importSource } from './sources.mjs';
import { alignedTable } from './tables.mjs';

/** @typedef {import('../packages/agent-sdk/src/options/option-table.ts').OptionName} OptionName */

const options = /** @type {typeof import('../packages/agent-sdk/src/options/option-table.ts')} */ (
  await importSource('packages/agent-sdk/src/options/option-table.ts')
);
const schema = /** @type {typeof import('../packages/agent-sdk/src/options/option-json-schema.ts')} */ (
  await importSource('packages/agent-sdk/src/options/option-json-schema.ts')
);
const config = /** @type {typeof import('../packages/agent-sdk/src/config/config-schema.ts')} */ (
  await importSource('packages/agent-sdk/src/config/config-schema.ts')
);
const settings = /** @type {typeof import('../packages/agent-sdk/src/config/setting-table.ts')} */ (
  await importSource('packages/agent-sdk/src/config/setting-table.ts')
);
const table = { ...options, ...schema };

/** Every option with its flag. */
export const trainOptionFlags = table.optionNames.map((name) => ({
  name,
  flag: table.optionRow(name).flag.name,
}));

/** @param {string} text */
const spaced = (text) =>
  text.replaceAll(/(?<![.\d])\d{4,}/g, (digits) => digits.replaceAll(/\B(?=(\d{3})+$)/g, ' '));

/** @param {OptionName} name */
const defaultOf = (name) => spaced(table.defaultText(name) ?? '');

/** The types that editors show the options of: what each means, its default, its flag. Mapped types would show nothing. */
export function trainOptionsModule() {
  const fields = (/** @type {(name: OptionName) => string} */ declare) =>
    table.optionNames.map((name) => `${commentOn(name)}  readonly ${declare(name)};\n`).join('\n');
  return (
    '// Written by `npm run generate` from options/option-table.ts.\n\n' +
    '/** All options with every default filled in. JSON. */\n' +
    `export interface ResolvedTrainOptions {\n${fields((name) => `${name}: ${typeOf(name)}`)}}\n\n` +
    "/** What the caller of a resume gives; all that is left out is the run's own. `undefined` means not given. */\n" +
    `export interface ResumeOptions {\n${fields((name) => `${name}?: ${typeOf(name)} | undefined`)}}\n\n` +
    "/**\n * What a caller gives. Only `envId` must be given: the others have a default, the preset's where the environment has one\n" +
    ' * (docs/presets.md), which `resolveTrainOptions` of `@gymwire/agent-sdk/parts` shows. `undefined` means not given.\n */\n' +
    `export interface TrainOptions extends ResumeOptions {\n${commentOn('envId')}  readonly envId: string;\n}\n`
  );
}

/**
 * What stands before the default where a preset may have one.
 * @param {OptionName} name
 */
const presetWord = (name) => (table.optionRow(name).presetMaySet === false ? '' : "the preset's, else ");

/** @param {OptionName} name */
function commentOn(name) {
  const { meaning, flag } = table.optionRow(name);
  const value = defaultOf(name);
  const fallback = value === '' ? '' : `Default: ${presetWord(name)}${value}. `;
  const lines = [`${meaning}${table.resumeWord(name)}`, '', `${fallback}Flag: \`${flag.name}\`.`];
  return `  /**\n${lines.map((line) => `   * ${line}`.trimEnd()).join('\n')}\n   */\n`;
}

/** @param {OptionName} name */
const typeOf = (name) => typeText(table.optionJsonSchema(name));

/**
 * A type of TypeScript, of the schemas that options have.
 * @param {Readonly<Record<string, unknown>>} schema
 * @returns {string}
 */
function typeText({ type, enum: values, anyOf, items, additionalProperties }) {
  if (Array.isArray(values)) return values.map((value) => `'${value}'`).join(' | ');
  if (Array.isArray(anyOf)) return anyOf.map(typeText).join(' | ');
  if (Array.isArray(type)) return type.map((each) => typeText({ type: each })).join(' | ');
  if (type === 'array') return `readonly ${typeText(/** @type {Record<string, unknown>} */ (items))}[]`;
  if (type === 'object') {
    const value = /** @type {Record<string, unknown>} */ (additionalProperties);
    return `Readonly<Record<string, ${typeText(value)}>>`;
  }
  if (type === 'integer') return 'number';
  if (type === 'number' || type === 'string' || type === 'boolean' || type === 'null') return type;
  throw new Error(`an option of type ${JSON.stringify(type)}: scripts/train-options.mjs knows no such type`);
}

export function trainOptionsSchemaFile() {
  return `${JSON.stringify(table.trainOptionsJsonSchema(), null, 2)}\n`;
}

/** For editors of config files. */
export function trainConfigSchemaFile() {
  return `${JSON.stringify(config.trainConfigJsonSchema(), null, 2)}\n`;
}

/** The schema, and each option's flag: `gymwire-ray` makes command lines of them. */
export function trainOptionsForPython() {
  const flags = Object.fromEntries(trainOptionFlags.map(({ name, flag }) => [name, flag]));
  return `${JSON.stringify({ flags, schema: table.trainOptionsJsonSchema() }, null, 2)}\n`;
}

const begin = '<!-- Written by `npm run generate` from the table of options. -->';
const end = '<!-- The end of what is generated. -->';

/**
 * The pages that have a table between marks, with what writes their rows.
 * @type {Readonly<Record<string, () => string>>}
 */
const TABLE_PAGES = { 'docs/options.md': optionRows, 'docs/config-files.md': settingRows };

export const tablePages = Object.keys(TABLE_PAGES);

/**
 * A page with its marked block written anew, if it has one.
 * @param {string} path
 * @param {string} page
 */
export function withTable(path, page) {
  const rows = TABLE_PAGES[path];
  if (rows === undefined) return page;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${path}: expected ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${rows()}\n${page.slice(to)}`;
}

function settingRows() {
  const rows = settings.settingNames.map((name) => {
    const { flag, meaning, isPath } = settings.settingRow(name);
    const what = meaning.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    return [`\`${name}\``, `\`${flag}\``, isPath === true ? 'file' : '', what];
  });
  return alignedTable([['key', 'flag', 'path', 'what'], ...rows]);
}

function optionRows() {
  const flagText = (/** @type {{name: string, value?: string | undefined}} */ { name, value }) =>
    `\`${[name, ...(value === undefined ? [] : [value])].join(' ')}\``;
  const rows = table.optionNames.map((name) => {
    const { flag, meaning } = table.optionRow(name);
    const value = defaultOf(name);
    return [flagText(flag), `\`${name}\``, value, meaning + table.resumeWord(name)];
  });
  const short = table.optionShorthands.map(({ flag, sets, meaning }) => [
    flagText(flag),
    sets.map((name) => `\`${name}\``).join(', '),
    '',
    meaning,
  ]);
  return alignedTable([['option of `train`', 'in code', 'default', 'what'], ...rows, ...short]);
}
