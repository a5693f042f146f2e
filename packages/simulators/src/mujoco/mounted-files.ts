/**
 * A model's files as the whole disk that MuJoCo sees. MuJoCo opens files as any program does; here its file system is
 * Emscripten's, whose root is exchanged for as long as a model is compiled.
 */
import { GymwireError } from '@gymwire/protocol';
import type { ModelFiles } from './model-files.ts';
import type { MujocoModule } from './mujoco-module.ts';

/** musl's numbers, which Emscripten's file system throws. */
const errno = { EACCES: 2, EINVAL: 28, EIO: 29, EISDIR: 31, ENOENT: 44 } as const;
/** S_IFDIR and S_IFREG, readable for all. */
const modes = { folder: 0o40555, file: 0o100444 } as const;
/** Nobody asks for more of a file than whether it is there, and how old it is. */
const emptyStats = { dev: 1, nlink: 1, uid: 0, gid: 0, rdev: 0, size: 0, blksize: 4096, blocks: 0 } as const;
const mountPoint = '/files';

/** A node of Emscripten's file system. https://emscripten.org/docs/api_reference/Filesystem-API.html */
interface Node {
  readonly id: number;
  readonly name: string;
  readonly mode: number;
  readonly parent: Node;
  node_ops: object;
  stream_ops: object;
}

interface Stream {
  readonly node: Node;
  readonly position: number;
  contents?: Uint8Array;
}

/** The part of Emscripten's FS that file systems are made with. */
interface FileSystems {
  root: Node;
  currentPath: string;
  ErrnoError: new (code: number) => Error;
  createNode(parent: Node | null, name: string, mode: number, device: number): Node;
  isRoot(node: Node): boolean;
  analyzePath(path: string, dontResolveLastLink: boolean): { readonly exists: boolean };
  mkdir(path: string): unknown;
  mount(type: { mount(): Node }, options: object, path: string): Node;
  unmount(path: string): void;
}

export interface MountedFiles {
  /** Why a file was refused that MuJoCo asked for. What is loaded without it is another model. */
  readonly refusal: GymwireError | undefined;
  unmount(): void;
}

/** Each compilation's files are younger than those before: MuJoCo keeps meshes by a file's name and age. */
let age = 0;

/** @param folder where relative paths start; must not be in there twice at a time */
export function mountFiles(module: MujocoModule, files: ModelFiles, folder: string): MountedFiles {
  const fs: FileSystems = module.FS;
  const { root } = fs;
  const refusals: GymwireError[] = [];
  age += 1;
  if (!fs.analyzePath(mountPoint, false).exists) fs.mkdir(mountPoint);
  const type = fileSystem(fs, files, new Date(1000 * age), (refused) => refusals.push(refused));
  fs.root = fs.mount(type, {}, mountPoint);
  fs.currentPath = folder;
  return {
    get refusal() {
      return refusals[0];
    },
    unmount() {
      fs.root = root;
      fs.currentPath = '/';
      fs.unmount(mountPoint);
    },
  };
}

function fileSystem(
  fs: FileSystems,
  files: ModelFiles,
  time: Date,
  onRefusal: (refused: GymwireError) => void,
): { mount(): Node } {
  const pathOf = (node: Node): string =>
    fs.isRoot(node) ? '/' : `${pathOf(node.parent).replace(/\/$/, '')}/${node.name}`;
  const fail = (code: number): never => {
    throw new fs.ErrnoError(code);
  };
  /** What is thrown through MuJoCo's code must be an ErrnoError. */
  const guarded = <T>(ask: () => T): T => {
    try {
      return ask();
    } catch (thrown) {
      if (thrown instanceof GymwireError) onRefusal(thrown);
      const code =
        typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
      return fail(code === 'EACCES' || code === 'EPERM' ? errno.EACCES : errno.EIO);
    }
  };
  const create = (parent: Node | null, name: string, kind: keyof typeof modes): Node => {
    const node = fs.createNode(parent, name, modes[kind], 0);
    node.node_ops = nodeOperations;
    node.stream_ops = streamOperations;
    return node;
  };
  const nodeOperations = {
    getattr: ({ id, mode }: Node) => ({
      ...emptyStats,
      ino: id,
      mode,
      atime: time,
      mtime: time,
      ctime: time,
    }),
    lookup(parent: Node, name: string): Node {
      const path = pathOf(parent).replace(/\/$/, '');
      const kind = guarded(() => files.kind(`${path}/${name}`));
      return kind === undefined ? fail(errno.ENOENT) : create(parent, name, kind);
    },
  };
  const streamOperations = {
    open(stream: Stream): void {
      if (stream.node.mode === modes.file) stream.contents = guarded(() => files.read(pathOf(stream.node)));
    },
    read({ contents }: Stream, target: Uint8Array, offset: number, length: number, position: number): number {
      if (contents === undefined) return fail(errno.EISDIR);
      const part = contents.subarray(position, position + length);
      target.set(part, offset);
      return part.length;
    },
    llseek({ position, contents }: Stream, offset: number, whence: number): number {
      const start = [0, position, contents?.length ?? 0][whence] ?? 0;
      return start + offset < 0 ? fail(errno.EINVAL) : start + offset;
    },
  };
  return { mount: () => create(null, '/', 'folder') };
}
