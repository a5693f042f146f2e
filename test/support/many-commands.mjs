// Runs commands of `gymwire` one after another, and writes what each of them ended with and said, as one JSON array.
import { main } from '@gymwire/cli';

const commands = /** @type {readonly (readonly string[])[]} */ (JSON.parse(process.argv[2] ?? '[]'));
const streams = /** @type {const} */ (['stdout', 'stderr']);
const write = process.stdout.write.bind(process.stdout);
const said = { stdout: '', stderr: '' };
for (const name of streams) {
  // Each command listens, as it does in a process of its own.
  process[name].setMaxListeners(0);
  process[name].write = (/** @type {string | Uint8Array} */ text) => {
    said[name] += String(text);
    return true;
  };
}
const results = [];
for (const args of commands) {
  Object.assign(said, { stdout: '', stderr: '' });
  const code = await main(args);
  results.push({ code, ...said });
}
write(JSON.stringify(results));
