// What a page does not have, in built code that runs in a page too. Read from the syntax: a text or a comment uses nothing.
import { parseSync } from 'vite';

/** @typedef {{type: string, [key: string]: unknown}} Node */

const NODE_GLOBALS = new Set([
  'process',
  'Buffer',
  'global',
  '__dirname',
  '__filename',
  'setImmediate',
  'clearImmediate',
  'require',
]);

/** Objects that have the globals as members. */
const GLOBAL_OBJECTS = new Set(['globalThis', 'self', 'window']);

/** Where a name in a node is no variable's, unless it is computed. */
const KEYS = new Set(['property', 'key']);

/** @param {unknown} value @returns {value is Node} */
function isNode(value) {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** A name, or the text that stands for it. @param {unknown} node */
function nameOf(node) {
  if (!isNode(node)) return '';
  return String(node.type === 'Identifier' ? node['name'] : node['value']);
}

/** @param {unknown} node */
function isGlobalObject(node) {
  return isNode(node) && node.type === 'Identifier' && GLOBAL_OBJECTS.has(nameOf(node));
}

/**
 * What a node itself uses.
 * @param {Node} node
 * @returns {readonly string[]}
 */
function usedBy(node) {
  switch (node.type) {
    case 'Identifier':
      return [nameOf(node)];
    case 'MemberExpression':
      return isGlobalObject(node['object']) ? [nameOf(node['property'])] : [];
    case 'VariableDeclarator': {
      const { id, init } = node;
      if (!isGlobalObject(init) || !isNode(id) || !Array.isArray(id['properties'])) return [];
      return id['properties'].map((/** @type {Node} */ { key }) => nameOf(key));
    }
    default:
      return [];
  }
}

/** Nobody can follow an import of anything but a plain text. @param {Node} node */
function isHiddenImport({ type, source }) {
  return type === 'ImportExpression' && !(isNode(source) && typeof source['value'] === 'string');
}

/**
 * The globals of Node's that a module names, also as its own, and imports that nobody can follow.
 * @param {string} code JavaScript
 * @returns {string[]}
 */
export function findNodeOnly(code) {
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {unknown} value */
  const visit = (value) => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value)) return undefined;
    if (isHiddenImport(value)) found.add('import(…)');
    for (const name of usedBy(value)) if (NODE_GLOBALS.has(name)) found.add(name);
    for (const [key, inner] of Object.entries(value)) {
      if (value['computed'] === true || !KEYS.has(key)) visit(inner);
    }
    return undefined;
  };
  const { program, errors } = parseSync('page.js', code);
  if (errors.length > 0) throw new Error(`code for pages cannot be parsed: ${errors[0]?.message}`);
  visit(program);
  return [...found];
}
