// Bundles a program with each bundler, as their own documentation has it for Node: node bundle.mjs <program> <folder>
import { builtinModules } from 'node:module';
import { basename, dirname, join } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import webpack from 'webpack';

const [program, folder] = process.argv.slice(2);
const name = basename(program, '.mjs');
// A native library is no part of any bundle.
const native = 'onnxruntime-node';
// grpc-js is CommonJS, which esbuild leaves alone in such a bundle only.
const format = name === 'client' ? 'cjs' : 'esm';

await build({
  entryPoints: [program],
  bundle: true,
  platform: 'node',
  format,
  external: [native],
  outfile: join(folder, `${name}.esbuild.${format === 'cjs' ? 'cjs' : 'mjs'}`),
  logLevel: 'warning',
  // Of CommonJS, which has no such thing; asked for only where a thread is started.
  logOverride: { 'empty-import-meta': 'silent' },
});

const rolled = await rollup({
  input: program,
  external: [native, /^node:/, ...builtinModules],
  plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()],
  onwarn(warning) {
    if (warning.code === 'UNRESOLVED_IMPORT') throw new Error(warning.message);
  },
});
await rolled.write({ file: join(folder, `${name}.rollup.mjs`), format: 'es', inlineDynamicImports: true });

const stats = await new Promise((resolve, reject) => {
  const settings = {
    mode: 'production',
    target: 'node20',
    context: dirname(program),
    entry: program,
    output: { path: folder, filename: `${name}.webpack.mjs`, module: true, chunkFormat: 'module' },
    experiments: { outputModule: true },
    externals: { [native]: `node-commonjs ${native}` },
  };
  webpack(settings, (error, result) => (error ? reject(error) : resolve(result)));
});
if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
