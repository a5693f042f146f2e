import { defineConfig } from 'vitepress';
import { slugOf } from '../../scripts/check-links.mjs';
import { forSite, repository } from './links.ts';

const packages = [
  ['agent-sdk', 'client and trainer'],
  ['env-server', 'serving'],
  ['env', 'writing an environment'],
  ['simulators', 'Gymnasium’s tasks, MuJoCo'],
  ['robot', 'control loop'],
  ['exporter', 'policy files'],
  ['protocol', 'spaces, values, errors'],
  ['conformance', 'rules as a program'],
] as const;

/** Beside the pages that are in the sidebar there are none: a test compares. */
const start = [
  { text: 'First steps', link: '/first-steps' },
  { text: 'Install', link: '/install' },
  { text: 'Examples', link: `${repository}/tree/main/examples` },
  { text: 'Limits', link: '/limits' },
];

const guides = [
  { text: 'Your simulator', link: '/serve-your-simulator' },
  { text: 'Your robot', link: '/serve-your-simulator#a-robot' },
  { text: 'From Python', link: `${repository}/blob/main/bridges/python/README.md` },
  { text: 'On Ray', link: '/ray' },
  { text: 'Training well', link: '/training-well' },
  { text: 'Callbacks', link: '/callbacks' },
  { text: 'Presets', link: '/presets' },
  { text: 'Deploying', link: '/deploy' },
  { text: 'Reaching a server', link: '/reaching-a-server' },
  { text: 'Many servers', link: '/fleet' },
  { text: 'Slurm, Kubernetes, systemd', link: '/deploying-servers' },
  { text: 'How far it scales', link: '/scaling' },
];

const reference = [
  { text: 'Command line', link: '/command-line' },
  { text: 'Commands and flags', link: '/reference/commands' },
  { text: 'Options of training', link: '/options' },
  { text: 'Config files', link: '/config-files' },
  { text: 'Runs and learners', link: '/runs' },
  { text: 'Metrics', link: '/reference/metrics' },
  { text: 'Error codes', link: '/reference/errors' },
  { text: 'Protocol', link: '/protocol' },
  { text: 'Conformance', link: '/conformance' },
];

const background = [
  { text: 'TD3 in 15 steps', link: '/td3-steps' },
  { text: 'What differs from others', link: '/compatibility' },
  { text: 'Architecture', link: '/architecture' },
  { text: 'Decisions', link: '/decisions' },
  { text: 'Security', link: `${repository}/blob/main/SECURITY.md` },
];

export default defineConfig({
  title: 'gymwire',
  description: 'Gym over the wire: environments over gRPC, TD3 in TypeScript, one verified ONNX file out',
  lang: 'en',
  cleanUrls: true,
  // No page is asked for anything from elsewhere: it works without a network.
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/mark.svg' }]],
  markdown: { config: forSite, anchor: { slugify: slugOf } },
  // The index of the search is one chunk, and large.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    logo: '/mark.svg',
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          searchOptions: {
            // A code is several words to the index: all of them.
            combineWith: 'AND',
            // Who looks for a code or a flag wants its row first, and reasons last.
            boostDocument: (id: string) =>
              id.includes('/reference/') ? 3 : /\/(decisions|api\/)/.test(id) ? 0.3 : 1,
          },
        },
      },
    },
    nav: [
      { text: 'First steps', link: '/first-steps' },
      { text: 'Guides', items: guides },
      { text: 'Reference', items: reference },
      { text: 'API', items: packages.map(([name]) => ({ text: `@gymwire/${name}`, link: `/api/${name}` })) },
    ],
    sidebar: [
      { text: 'Start', items: start },
      { text: 'Guides', items: guides },
      { text: 'Reference', items: reference },
      { text: 'Background', items: background },
      {
        text: 'API',
        collapsed: true,
        items: packages.map(([name, what]) => ({ text: `${name}: ${what}`, link: `/api/${name}` })),
      },
    ],
    socialLinks: [{ icon: 'github', link: repository }],
    footer: { message: 'Apache-2.0' },
  },
});
