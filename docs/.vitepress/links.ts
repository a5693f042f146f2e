/** Pages are read in two places, in the repository and on the site; links are written for the first. */
import { dirname, join } from 'node:path';
import type { MarkdownOptions } from 'vitepress';

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0];

export const repository = 'https://github.com/gymwire/gymwire';

/** A link that leaves `docs` leads to the repository. `scripts/check-links.mjs` has seen that its target is there. */
function outward(href: string, page: string): string {
  if (/^([a-z][a-z+.-]*:|#|\/)/i.test(href)) return href;
  const [path = '', fragment] = href.split('#');
  const target = join('docs', dirname(page), path).replaceAll('\\', '/');
  if (target.startsWith('docs/')) return href;
  const kind = /\.\w+$/.test(target) ? 'blob' : 'tree';
  return `${repository}/${kind}/main/${target}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** Rewrites links that leave the site, and names below a snippet the file that it is a region of. */
export function forSite(md: MarkdownIt): void {
  md.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
    const page = String((env as { relativePath?: string }).relativePath ?? '');
    for (const token of tokens) {
      for (const child of token.children ?? []) {
        const href = child.type === 'link_open' ? child.attrGet('href') : null;
        if (href !== null) child.attrSet('href', outward(href, page));
      }
    }
  });
  const fence = md.renderer.rules.fence;
  if (fence === undefined) throw new Error('expected a renderer of fences');
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const source = / from (\S+)$/.exec(tokens[index].info)?.[1];
    const code = fence(tokens, index, ...rest);
    if (source === undefined) return code;
    const path = source.replace(/#.*/, '');
    return `${code}<p class="snippet-source">from <a href="${repository}/blob/main/${path}" target="_blank" rel="noreferrer">${path}</a></p>\n`;
  };
}
