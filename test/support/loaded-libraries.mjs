// Runs one command of `gymwire`, and says which libraries of others that has loaded, as JSON in the last line of stdout.
import { createRequire } from 'node:module';
import { main } from '@gymwire/cli';

await main(process.argv.slice(2));
// Those that are CommonJS, whoever imported them: gRPC, TensorFlow.js, ONNX Runtime, pino and others.
const files = Object.keys(createRequire(import.meta.url).cache);
const names = files.flatMap(
  (file) => /^.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1] ?? [],
);
const libraries = [...new Set(names)].map((name) => name.replace('\\', '/')).sort();
process.stdout.write(`\n${JSON.stringify(libraries)}\n`);
