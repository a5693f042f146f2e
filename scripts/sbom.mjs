// What the published packages bring along, as a CycloneDX document.
import { join } from 'node:path';
import { PACKAGES, ROOT, readJson, runNpm } from './tools.mjs';

/**
 * The parts of a CycloneDX document that are touched here; a `bom-ref` is `name@version`.
 * @typedef {{'bom-ref': string, name: string}} Component
 * @typedef {{ref: string, dependsOn: string[]}} Ends
 * @typedef {{metadata: {component: Component}, components: Component[], dependencies: Ends[]}} Bom
 */

/**
 * npm's document of everything installed, less what only developing needs. `npm sbom --omit dev` would also leave out what
 * a package and a tool both use.
 * @returns {Promise<Bom>}
 */
export async function makeBom() {
  const { code, stdout, stderr } = await runNpm(['sbom', '--sbom-format', 'cyclonedx'], { capture: true });
  if (code !== 0) throw new Error(`npm sbom failed:\n${stdout}${stderr}`);
  const own = PACKAGES.map((name) => {
    const manifest = /** @type {{name: string, version: string, dependencies?: Record<string, string>}} */ (
      readJson(join(ROOT, 'packages', name, 'package.json'))
    );
    return { ref: `${manifest.name}@${manifest.version}`, names: Object.keys(manifest.dependencies ?? {}) };
  });
  return keepReachable(/** @type {Bom} */ (JSON.parse(stdout)), own);
}

/**
 * @param {Bom} bom of everything
 * @param {ReadonlyArray<{ref: string, names: readonly string[]}>} own our packages and the names of what they depend on
 * @returns {Bom}
 */
export function keepReachable(bom, own) {
  const ends = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  for (const { ref, names } of own) {
    if (!ends.has(ref)) throw new Error(`npm sbom does not know ${ref}: run \`npm ci\` first`);
    // Of ours, npm also lists what tests need.
    ends.set(
      ref,
      (ends.get(ref) ?? []).filter((end) => names.includes(nameOf(end))),
    );
  }
  const reached = /** @type {Set<string>} */ (new Set());
  const waiting = own.map(({ ref }) => ref);
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    if (reached.has(ref)) continue;
    reached.add(ref);
    waiting.push(...(ends.get(ref) ?? []));
  }
  const root = bom.metadata.component;
  const component = { ...root, name: nameOf(root['bom-ref']) };
  return {
    ...bom,
    metadata: { ...bom.metadata, component },
    components: bom.components
      .filter((one) => reached.has(one['bom-ref']))
      .map((one) => ({ ...one, name: nameOf(one['bom-ref']) })),
    dependencies: [
      { ref: root['bom-ref'], dependsOn: own.map(({ ref }) => ref) },
      ...[...reached].map((ref) => ({ ref, dependsOn: ends.get(ref) ?? [] })),
    ],
  };
}

/** Without its version; scopes begin with another `@`. @param {string} ref */
function nameOf(ref) {
  return ref.slice(0, ref.lastIndexOf('@'));
}
