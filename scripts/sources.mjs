// Modules of the packages from their sources: what is generated of them may be what the build needs.
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { entriesOf, PACKAGES, ROOT, readJson } from './tools.mjs';

/** Where the sources of what packages import from each other are. */
function aliases() {
  return PACKAGES.flatMap((name) => {
    const manifest = readJson(join(ROOT, 'packages', name, 'package.json'));
    const { exports } = /** @type {{exports: Record<string, unknown>}} */ (manifest);
    return entriesOf(name).flatMap((find, i) => {
      const target = Object.values(exports)[i];
      const built =
        typeof target === 'object' && target !== null && 'default' in target ? target.default : target;
      const source = /^\.\/dist\/(.*)\.js$/.exec(String(built))?.[1];
      if (source === undefined) return [];
      return [
        {
          find: new RegExp(`^${find}$`),
          replacement: join(ROOT, 'packages', name, 'src', `${source}.ts`).replaceAll('\\', '/'),
        },
      ];
    });
  });
}

/**
 * A module of the packages, with all that it imports of them, from the sources.
 * What it imports later fails: whatever it is to load, it loads while it is loaded itself.
 * @param {string} path from the root
 * @returns {Promise<unknown>} its exports; whoever asks knows their types
 */
export async function importSource(path) {
  /** @type {{module: unknown}} */
  const { module } = await runnerImport(join(ROOT, path), {
    configFile: false,
    logLevel: 'error',
    resolve: { alias: aliases() },
  });
  return module;
}
