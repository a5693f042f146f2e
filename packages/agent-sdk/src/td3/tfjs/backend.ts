import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { enableProdMode, findBackend, getBackend, setBackend } from '@tensorflow/tfjs-core';
import { AgentError } from '../../errors.ts';
import { type TfjsBackend, type TfjsBackendName, tfjsBackendNames } from './backend-names.ts';
import { probeBackend } from './probe.ts';

const howToGetNative =
  'for the native one, install @tensorflow/tfjs-node where install scripts may run (in a clone of gymwire: npm run setup:tfjs-node)';

const loaders: Readonly<Record<TfjsBackendName, () => Promise<void>>> = {
  async tensorflow() {
    // Read once, when the library is loaded; TD3's matrices are too small to share among threads. In a worker
    // process.env is a copy that native code does not see: there, set both before the worker starts.
    process.env.TF_NUM_INTRAOP_THREADS ??= '1';
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    // Not by its name: a bundler would look for it, and it need not be there.
    const library: string = '@tensorflow/tfjs-node';
    await import(/* webpackIgnore: true */ /* @vite-ignore */ library);
  },
  async wasm() {
    if (findBackend('wasm') !== null) return;
    // The file beside the package's code: never one from elsewhere.
    const require = createRequire(import.meta.url);
    setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
    setThreadsCount(1);
  },
  async cpu() {
    // Registered by its import.
  },
};

/**
 * Loads a backend, tries it and makes it the active one; `auto` takes the fastest that works here.
 * @throws AgentError BACKEND_UNAVAILABLE when the one that was named does not work here
 */
export async function loadTfjsBackend(choice: TfjsBackendName | 'auto' = 'auto'): Promise<TfjsBackend> {
  // tfjs would print its own advice, which the notice replaces.
  enableProdMode();
  const failures: string[] = [];
  for (const name of choice === 'auto' ? tfjsBackendNames : [choice]) {
    try {
      await loaders[name]();
      if (!(await setBackend(name))) throw new Error('it does not initialise');
      probeBackend();
      return { name, notice: noticeOf(name, failures) };
    } catch (cause) {
      const failure = `${name} backend: ${reasonOf(cause)}`;
      if (choice !== 'auto') {
        const advice = name === 'tensorflow' ? `; ${howToGetNative}` : '';
        throw new AgentError('BACKEND_UNAVAILABLE', `tfjs ${failure}${advice}`, { cause });
      }
      failures.push(failure);
    }
  }
  throw new AgentError('BACKEND_UNAVAILABLE', `tfjs: no backend works here (${failures.join('; ')})`);
}

/** Makes a loaded backend the active one of this thread, at once. */
export function activateTfjsBackend(name: TfjsBackendName): void {
  // setBackend is asynchronous for backends that have yet to start; for the others all is done when it returns.
  if (getBackend() !== name) void setBackend(name);
}

function noticeOf(name: TfjsBackendName, failures: readonly string[]): string {
  if (name === 'tensorflow') return 'tfjs computes with native TensorFlow (tfjs-node)';
  const why = failures.length > 0 ? ` (${failures.join('; ')})` : '';
  return `tfjs computes with its ${name} backend${why}; ${howToGetNative}`;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes("'@tensorflow/tfjs-node'")) return '@tensorflow/tfjs-node is not installed';
  if (message.includes('tfjs_binding'))
    return '@tensorflow/tfjs-node is installed without its native library';
  if (message.includes('isNullOrUndefined')) {
    return `@tensorflow/tfjs-node does not run on Node ${process.version} (on 20 and 22 it does)`;
  }
  return message.split('\n', 1)[0].trim();
}
