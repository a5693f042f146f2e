/** The entry for what runs environments (a server, a robot's loop, a helper thread), not for those who write one. */
export { argumentDefaults, resolveArguments } from './arguments.ts';
export { chain, mapAll, Turns } from './maybe-promise.ts';
export { type HeardNotice, Hearing, hearNotices, type Notice, tellOperator } from './notices.ts';
export {
  type PortableError,
  type PortableValue,
  packError,
  packValue,
  unpackDict,
  unpackError,
  unpackValue,
} from './portable.ts';
export { beginServing, isServing } from './serving.ts';
export { inheritedFlags, threadFlags } from './thread-flags.ts';
