// The walls: who may import whom, and what each room never reaches. The one table: scripts/check-walls.mjs follows imports
// of the built packages by it, and the linter's import rules (walls.oxlintrc.json) are generated from it.

/** Packages of others, by what they are. */
export const FOREIGN = /** @type {const} */ ({
  grpc: '^(@grpc/|grpc-health-check$)',
  tfjs: '^@tensorflow/',
  mujoco: '^@mujoco/',
});

/**
 * @typedef {object} Room
 * @property {string} room a package's folder, a folder inside its code, or a file there: an entry with what it reaches
 * @property {readonly string[]} ours entries of our packages that it may import, and reach; "protocol/*": all of one
 * @property {readonly string[]} [types] entries of which it may take types, which are gone at run time
 * @property {ReadonlyArray<keyof typeof FOREIGN>} [never] what it never reaches
 * @property {readonly string[]} [apart] folders of its own package that it never reaches
 * @property {readonly string[]} [portable] it runs in a page: nothing of Node's, and no libraries but these
 * @property {string} why
 */

const trainerRoom = /** @type {const} */ ({
  ours: ['protocol', 'onnx-graph/*'],
  never: ['grpc'],
  apart: ['env-client'],
  why: 'td3, replay, policy and random see no channel.',
});
const page = 'Tasks, MuJoCo and scenes run in a page too: Node is in simulators/node alone.';
const pageRoom = /** @type {const} */ ({
  ours: ['env', 'env/host', 'protocol'],
  never: ['grpc', 'tfjs'],
  apart: ['node'],
  portable: ['@mujoco/mujoco'],
  why: page,
});

/** @type {readonly Room[]} */
export const ROOMS = [
  {
    room: 'protocol',
    ours: [],
    never: ['tfjs', 'mujoco'],
    why: 'protocol imports nothing of ours.',
  },
  {
    room: 'protocol/index.js',
    ours: [],
    never: ['grpc'],
    apart: ['wire', 'codec', 'generated'],
    portable: [],
    why: 'What is said is free of Node and gRPC; how it travels is in protocol/wire.',
  },
  {
    room: 'onnx-graph',
    ours: [],
    never: ['grpc', 'tfjs', 'mujoco'],
    why: 'onnx-graph imports nothing of ours, no gRPC and no tfjs.',
  },
  {
    room: 'env',
    ours: ['protocol'],
    never: ['grpc', 'tfjs', 'mujoco'],
    portable: [],
    why: 'env is what an environment is, wherever it runs: it imports protocol’s vocabulary, nothing else.',
  },
  {
    room: 'simulators',
    ours: ['env', 'env/host', 'protocol'],
    never: ['grpc', 'tfjs'],
    why: 'simulators imports env and protocol: it serves nobody.',
  },
  { room: 'simulators/browser.js', ...pageRoom },
  { room: 'simulators/math', ...pageRoom },
  { room: 'simulators/classic', ...pageRoom },
  { room: 'simulators/conformance', ...pageRoom },
  { room: 'simulators/mujoco', ...pageRoom },
  { room: 'simulators/scene', ...pageRoom },
  { room: 'simulators/render', ...pageRoom },
  {
    room: 'robot',
    ours: ['env', 'env/host', 'protocol'],
    never: ['grpc', 'tfjs', 'mujoco'],
    why: 'robot imports env and protocol: it installs no simulator and serves nobody.',
  },
  {
    room: 'grpc-host',
    ours: ['env', 'env/host', 'protocol', 'protocol/wire'],
    never: ['tfjs', 'mujoco'],
    why: 'grpc-host imports env and protocol: it knows nothing of what it serves.',
  },
  {
    room: 'env-server',
    ours: ['grpc-host', 'env', 'env/host', 'protocol', 'protocol/wire'],
    never: ['tfjs', 'mujoco'],
    why: 'env-server imports grpc-host, env and protocol: it is handed its environments, and knows nothing of learning.',
  },
  {
    room: 'env-server/slots',
    ours: ['env', 'env/host', 'protocol', 'protocol/wire'],
    never: ['tfjs', 'mujoco'],
    apart: ['session', 'threads', 'isolation', 'service'],
    why: 'slots lie below sessions and threads.',
  },
  {
    room: 'env-server/session',
    ours: ['grpc-host', 'env', 'env/host', 'protocol', 'protocol/wire'],
    never: ['tfjs', 'mujoco'],
    apart: ['threads', 'isolation', 'service'],
    why: 'Sessions do not know where their environments live.',
  },
  {
    room: 'env-server/threads',
    ours: ['env', 'env/host', 'protocol', 'protocol/wire'],
    never: ['tfjs', 'mujoco'],
    apart: ['session', 'isolation', 'service'],
    why: 'Threads host slots, and know nothing of sessions.',
  },
  {
    room: 'agent-sdk',
    ours: ['protocol/*', 'onnx-graph/*'],
    never: ['mujoco'],
    why: 'agent-sdk imports protocol and onnx-graph, nothing else of ours.',
  },
  { room: 'agent-sdk/td3', ...trainerRoom },
  { room: 'agent-sdk/replay', ...trainerRoom },
  { room: 'agent-sdk/policy', ...trainerRoom },
  { room: 'agent-sdk/random', ...trainerRoom },
  {
    room: 'agent-sdk/callbacks',
    ours: ['protocol'],
    never: ['grpc', 'tfjs', 'mujoco'],
    apart: ['env-client', 'fleet', 'train'],
    why: 'Training calls callbacks; they know neither it nor a channel.',
  },
  {
    room: 'exporter',
    ours: ['onnx-graph/*'],
    types: ['agent-sdk/*'],
    never: ['grpc', 'tfjs', 'mujoco'],
    why: 'exporter imports onnx-graph, and agent-sdk’s types: a machine that deploys installs neither gRPC nor tfjs.',
  },
  {
    room: 'conformance',
    ours: ['protocol', 'protocol/wire'],
    never: ['tfjs', 'mujoco'],
    why: 'conformance imports protocol, nothing else of ours: it judges servers from outside.',
  },
];

/**
 * Whether an entry of ours is in a list of them.
 * @param {readonly string[]} list
 * @param {string} entry "protocol/wire"
 */
export function isListed(list, entry) {
  return list.includes(entry) || list.includes(`${entry.split('/')[0]}/*`);
}
