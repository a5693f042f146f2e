// The documentation site: `npm run docs` serves it while you write, `npm run docs:build` builds it into
// docs/.vitepress/dist. The pages of the API are made first, out of the sources' doc comments.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, listFiles, ROOT, run, runTool } from './tools.mjs';

const docs = join(ROOT, 'docs');
const api = join(docs, 'api');

/** One page a package: TypeDoc names pages by the paths of the modules. */
async function writeApiPages() {
  rmSync(api, { recursive: true, force: true });
  // Beside docs/package.json: it needs a TypeScript that is not the workspace's.
  const typedoc = join(docs, 'node_modules', 'typedoc', 'bin', 'typedoc');
  if (!existsSync(typedoc)) throw new Error('typedoc is not installed: run `npm ci` first');
  const { code, stdout, stderr } = await run(process.execPath, [typedoc], { cwd: docs, capture: true });
  if (code !== 0) throw new Error(`typedoc failed:\n${stdout}${stderr}`);
  for (const path of listFiles(join(api, 'packages'))) {
    const [name = ''] = path.split('/');
    writeFileSync(join(api, `${name}.md`), renamed(readFileSync(join(api, 'packages', path), 'utf8'), name));
  }
  rmSync(join(api, 'packages'), { recursive: true });
  rmSync(join(api, 'index.md'));
}

/**
 * @param {string} page
 * @param {string} name the package's folder
 */
function renamed(page, name) {
  return (
    page
      .replace(
        /^# .*$/m,
        `# @gymwire/${name}\n\nWhat the package is for, with an example: [README](../../packages/${name}/README.md).`,
      )
      // TypeDoc's name for parameters that are taken apart where they are declared.
      .replaceAll(/(?<!\w)(?:\\?_){2}namedParameters/g, 'options')
      .replaceAll(/\]\((?:[\w./-]*\/)?([\w-]+)\/src\.md/g, ']($1.md')
  );
}

if (isMain(import.meta.url)) {
  const [verb = 'dev'] = process.argv.slice(2);
  if (!['dev', 'build', 'preview'].includes(verb))
    throw new Error(`expected dev, build or preview, got ${verb}`);
  if (verb !== 'preview') await writeApiPages();
  const { code } = await runTool('vitepress', [verb, docs]);
  process.exitCode = code;
}
