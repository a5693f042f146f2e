// Writes what is generated from the .proto files (the types of the messages, the schemas that packages carry in their
// code, and the descriptors that the server's reflection hands out), from WebAssembly text, from the table of
// options (train-options.mjs), what pages show of files (snippets.mjs), and the reference pages (reference.mjs). `npm run check` compares fresh copies with the committed ones.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import loadWabt from 'wabt';
import { pagesWithSnippets, withSnippets } from './snippets.mjs';
import { isMain, listFiles, ROOT, runTool } from './tools.mjs';
import { wallsLint } from './walls-lint.mjs';

/** The loader options of packages/protocol at run time, as flags; the types are wrong if the two differ. */
const LOADER_OPTIONS = ['--longs=String', '--enums=String', '--bytes=Buffer', '--defaults', '--oneofs'];

/** The files that define services; messages come with those that use them. */
const SERVICES = ['gymwire/v1/env_service.proto', 'gymwire/v1/operator.proto'];

/** The folders that hold generated files and nothing else. */
const TARGETS = [
  join('packages', 'protocol', 'src', 'generated'),
  join('packages', 'env-server', 'src', 'generated'),
  join('packages', 'agent-sdk', 'src', 'generated'),
  join('packages', 'agent-sdk', 'schema'),
  join('packages', 'onnx-graph', 'src', 'generated'),
  join('scripts', 'generated'),
  join('docs', 'reference'),
  join('docs', 'public', 'schema'),
];

/** For Python, which has no TypeScript package at hand: options of training, their flags and what they may be. */
const PYTHON_OPTIONS = 'bridges/python/src/gymwire/ray/train_options.json';

const KERNELS = join('packages', 'agent-sdk', 'src', 'td3', 'compiled', 'memory', 'parameter-kernels.wat');

/**
 * Writes all generated folders below a root that has the workspace's layout, emptied first, and the page's table.
 * @param {string} root
 */
export async function generate(root) {
  for (const target of TARGETS) {
    rmSync(join(root, target), { recursive: true, force: true });
    mkdirSync(join(root, target), { recursive: true });
  }
  const [
    types = '',
    descriptors = '',
    agent = '',
    schemas = '',
    onnx = '',
    lint = '',
    reference = '',
    site = '',
  ] = TARGETS;
  writeFileSync(join(root, lint, 'walls.oxlintrc.json'), `${JSON.stringify(wallsLint(), null, 2)}\n`);
  await writeTypes(join(root, types));
  writeSchema(join(root, types, 'wire-schema.ts'), 'wireSchema', {
    // Of the library that will read it.
    library: createRequire(join(ROOT, 'packages', 'protocol', 'package.json')).resolve('@grpc/proto-loader'),
    folder: 'proto',
    files: SERVICES,
    keepCase: false,
  });
  writeSchema(join(root, onnx, 'onnx-subset.ts'), 'onnxSubset', {
    library: join(ROOT, 'packages', 'onnx-graph', 'package.json'),
    folder: join('packages', 'onnx-graph', 'proto'),
    files: ['onnx-subset.proto'],
    keepCase: true,
  });
  await writeDescriptors(join(root, descriptors, 'reflected-files.ts'));
  await writeKernels(join(root, agent, 'parameter-kernels.ts'));
  const options = await import('./train-options.mjs');
  writeFileSync(join(root, agent, 'train-options.ts'), options.trainOptionsModule());
  writeFileSync(join(root, schemas, 'train-options.json'), options.trainOptionsSchemaFile());
  // Beside the package's, on the documentation site.
  for (const folder of [schemas, site]) {
    writeFileSync(join(root, folder, 'train-config.json'), options.trainConfigSchemaFile());
  }
  mkdirSync(dirname(join(root, PYTHON_OPTIONS)), { recursive: true });
  writeFileSync(join(root, PYTHON_OPTIONS), options.trainOptionsForPython());
  // Not before: the pages say what the modules above say.
  const { referencePages } = await import('./reference.mjs');
  for (const [name, text] of Object.entries(await referencePages())) {
    writeFileSync(join(root, reference, name), text);
  }
  for (const [path, text] of await writtenPages(options)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/**
 * The files of which parts are generated.
 * @param {Pick<typeof import('./train-options.mjs'), 'tablePages' | 'withTable'>} options
 */
async function writtenPages({ tablePages, withTable }) {
  const paths = [...new Set([...tablePages, ...(await pagesWithSnippets())])];
  return paths.map((path) => {
    const text = withSnippets(readLines(join(ROOT, path)));
    return /** @type {const} */ ([path, withTable(path, text)]);
  });
}

/**
 * The .proto files as JSON in a module: a bundle of a package has no files beside it.
 * @param {string} path
 * @param {string} name of the export
 * @param {{library: string, folder: string, files: string[], keepCase: boolean}} source `library`: from where its
 * protobufjs is found
 */
function writeSchema(path, name, { library, folder, files, keepCase }) {
  const protobuf = /** @type {typeof import('protobufjs')} */ (createRequire(library)('protobufjs'));
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => join(ROOT, folder, target);
  root.loadSync(files, { keepCase });
  writeFileSync(
    path,
    '// Written by `npm run generate`.\n\n' +
      `/** ${files.join(', ')} as protobufjs's JSON. */\n` +
      `export const ${name} =\n  '${JSON.stringify(root.toJSON())}';\n`,
  );
}

/** @param {string} folder */
async function writeTypes(folder) {
  const flags = [
    '--includeComments',
    '--grpcLib=@grpc/grpc-js',
    '--importFileExtension=.ts',
    `--outDir=${folder}`,
  ];
  const result = await runTool(
    '@grpc/proto-loader',
    [...LOADER_OPTIONS, ...flags, '-I', 'proto', '--', ...SERVICES],
    { command: 'proto-loader-gen-types', capture: true },
  );
  if (result.code !== 0) throw new Error(`proto-loader-gen-types failed:\n${result.stdout}${result.stderr}`);
  for (const path of listFiles(folder)) normalize(join(folder, path));
}

/**
 * The same bytes on every platform, and the tool's only `any`s as the exact types that they stand for.
 * @param {string} path
 */
function normalize(path) {
  const text = readFileSync(path, 'utf8')
    .replaceAll('\r\n', '\n')
    .replace(/^\/\/ Original file: .*$/m, (line) => line.replaceAll('\\', '/'))
    .replaceAll(/[ \t]+$/gm, '')
    .replace('new (...args: any) => any', 'new (...args: never) => unknown');
  writeFileSync(path, text);
}

/**
 * proto-loader's own descriptors rename fields and name the entries of maps in a way that Go's clients (grpcurl)
 * refuse, so the server hands out a compiler's.
 * @param {string} path
 */
async function writeDescriptors(path) {
  const files = [];
  for (const source of ['proto', join('node_modules', 'grpc-health-check', 'proto')]) {
    const set = `${path}.binpb`;
    const args = ['build', source, '--as-file-descriptor-set', '--exclude-source-info', '-o', set];
    const { code, stderr } = await runTool('@bufbuild/buf', args, { command: 'buf', capture: true });
    if (code !== 0) throw new Error(`buf build ${source} failed:\n${stderr}`);
    files.push(...splitDescriptorSet(readFileSync(set)));
    rmSync(set);
  }
  const entries = files.map((file) => `  '${nameOf(file)}':\n    '${file.toString('base64')}',\n`).join('');
  writeFileSync(
    path,
    '// Written by `npm run generate`.\n\n' +
      '/** The FileDescriptorProto of every served .proto file by its name, base64. */\n' +
      `export const reflectedFiles: Readonly<Record<string, string>> = {\n${entries}};\n`,
  );
}

/** @param {string} path */
async function writeKernels(path) {
  const wabt = await loadWabt();
  const module = wabt.parseWat(KERNELS, readFileSync(join(ROOT, KERNELS), 'utf8'), { simd: true });
  module.validate();
  const { buffer } = module.toBinary({});
  module.destroy();
  writeFileSync(
    path,
    '// Written by `npm run generate`.\n\n' +
      '/** The WebAssembly module of parameter-kernels.wat, base64. */\n' +
      `export const parameterKernels =\n  '${Buffer.from(buffer).toString('base64')}';\n`,
  );
}

/**
 * A FileDescriptorSet is its files one after the other, each behind the tag of field 1 and a varint length.
 * @param {Buffer} set
 */
function splitDescriptorSet(set) {
  const files = [];
  for (let at = 0; at < set.length; ) {
    if (set[at] !== 0x0a) throw new Error(`not a FileDescriptorSet: tag ${set[at]} at byte ${at}`);
    let length = 0;
    let shift = 0;
    let byte;
    do {
      at += 1;
      byte = set[at] ?? 0;
      length |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    files.push(set.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return files;
}

/**
 * Field 1 of a FileDescriptorProto, which compilers write first.
 * @param {Buffer} file
 */
function nameOf(file) {
  if (file[0] !== 0x0a || (file[1] ?? 0x80) >= 0x80)
    throw new Error('a FileDescriptorProto without a short name first');
  return file.toString('utf8', 2, 2 + file[1]);
}

/**
 * How the committed files differ from freshly generated ones below a root, a line a file; empty: not at all.
 * @param {string} fresh
 */
export function compareGenerated(fresh) {
  const inFolder = (/** @type {string} */ path) =>
    TARGETS.some((target) => path.startsWith(`${target.replaceAll('\\', '/')}/`));
  const pages = listFiles(fresh)
    .filter((path) => !inFolder(path))
    .filter((path) => readFileSync(join(fresh, path), 'utf8') !== readLines(join(ROOT, path)))
    .map((path) => `differs: ${path}`);
  const folders = TARGETS.flatMap((target) => {
    const expected = listFiles(join(fresh, target));
    const present = listFiles(join(ROOT, target));
    const differing = expected.filter(
      (path) =>
        present.includes(path) &&
        readFileSync(join(fresh, target, path), 'utf8') !== readFileSync(join(ROOT, target, path), 'utf8'),
    );
    return [
      ...expected.filter((path) => !present.includes(path)).map((path) => `missing: ${join(target, path)}`),
      ...present
        .filter((path) => !expected.includes(path))
        .map((path) => `not generated: ${join(target, path)}`),
      ...differing.map((path) => `differs: ${join(target, path)}`),
    ];
  });
  return [...folders, ...pages];
}

/**
 * A file's text, its lines as they are committed.
 * @param {string} path
 */
const readLines = (path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');

if (isMain(import.meta.url)) {
  await generate(ROOT);
  for (const target of TARGETS) console.log(`${target}: ${listFiles(join(ROOT, target)).length} files`);
}
