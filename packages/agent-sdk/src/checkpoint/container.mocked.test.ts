import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createRandomStream } from '../random/random-stream.ts';
import { digestLength, magic } from './container-format.ts';
import { readContainer, readContainerSummary } from './read-container.ts';
import { writeContainer } from './write-container.ts';

// Real learners and files, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

vi.mock('node:fs/promises', { spy: true });

const schema = z.strictObject({
  name: z.string(),
  nothing: z.null(),
  layers: z.array(z.strictObject({ weight: z.instanceof(Float32Array), bias: z.instanceof(Float64Array) })),
  empty: z.instanceof(Uint8Array),
});

const content = {
  name: 'ünïcode',
  nothing: null,
  layers: [
    { weight: Float32Array.of(1.5, -0, Number.NaN, Infinity), bias: Float64Array.of(Math.PI) },
    { weight: new Float32Array(3), bias: new Float64Array(0) },
  ],
  empty: new Uint8Array(0),
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  path = join(folder, 'some.bin');
});
afterEach(async () => {
  vi.mocked(open).mockReset();
  await rm(folder, { recursive: true });
});

/** Lets the disk fill up after so many bytes. */
async function limitDisk(bytes: number): Promise<void> {
  const { open: realOpen } = await vi.importActual<{ open: typeof open }>('node:fs/promises');
  vi.mocked(open).mockImplementation(async (...args) => {
    const file = await realOpen(...args);
    let left = bytes;
    const realWrite = file.write.bind(file) as (b: Uint8Array, o: number, n: number) => Promise<unknown>;
    const write = (data: Uint8Array, offset: number, length: number) => {
      if (left === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      const count = Math.min(left, length);
      left -= count;
      return realWrite(data, offset, count);
    };
    return Object.assign(file, { write });
  });
}

describe('container', () => {
  it('gives back what was saved, bit for bit, and leaves nothing else behind', async () => {
    await writeContainer(path, 'test', content);
    expect(await readContainer(path, 'test', schema)).toEqual(content);
    expect(await readdir(folder)).toEqual(['some.bin']);
  });

  it('keeps arrays larger than a chunk, at any offset of their buffer', async () => {
    const stream = createRandomStream(1, 'test');
    const all = Float32Array.from({ length: 2_500_001 }, () => stream.uniform());
    const views = { a: all.subarray(1, 3), b: all.subarray(3), c: all.subarray(0, 1) };
    await writeContainer(path, 'test', views);
    const array = z.instanceof(Float32Array);
    const read = await readContainer(path, 'test', z.strictObject({ a: array, b: array, c: array }));
    expect(Buffer.from(read.b.buffer).equals(Buffer.from(views.b.slice().buffer))).toBe(true);
    expect([read.a, read.c]).toEqual([views.a.slice(), views.c.slice()]);
  });

  it('writes the same bytes for the same content', async () => {
    await writeContainer(path, 'test', content);
    const first = await readFile(path);
    await writeContainer(path, 'test', content);
    expect((await readFile(path)).equals(first)).toBe(true);
  });

  it('reads into memory that it is given', async () => {
    await writeContainer(path, 'test', content);
    const weight = new Float32Array(4);
    const read = await readContainer(path, 'test', schema, (name) =>
      name === 'layers.0.weight' ? weight : undefined,
    );
    expect(read.layers[0]?.weight).toBe(weight);
    expect(weight).toEqual(content.layers[0]?.weight);
  });

  it('refuses to save a number that JSON would lose', async () => {
    await expect(writeContainer(path, 'test', { a: [Number.NaN] })).rejects.toThrow('a.0: NaN');
    expect(await readdir(folder)).toEqual([]);
  });

  it('shows the scalars without reading the arrays', async () => {
    await writeContainer(path, 'test', content);
    const summary = await readContainerSummary(path, 'test', z.object({ name: z.string() }));
    expect(summary).toEqual({ name: 'ünïcode' });
    const bytes = await readFile(path);
    bytes.write('N', bytes.indexOf('ünïcode') + 2);
    await writeFile(path, bytes);
    await expect(readContainerSummary(path, 'test', z.object({ name: z.string() }))).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
    });
  });

  it('refuses a byte that changed, wherever it is', async () => {
    await writeContainer(path, 'test', content);
    const bytes = await readFile(path);
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i] = damaged[i] ^ (1 << (i % 8));
      await writeFile(path, damaged);
      await expect(readContainer(path, 'test', schema)).rejects.toMatchObject({
        name: 'AgentError',
        code: expect.stringMatching(/^FILE_(CORRUPT|FOREIGN|VERSION)$/),
      });
    }
  });

  it('refuses a file that was cut off or continued', async () => {
    await writeContainer(path, 'test', content);
    const bytes = await readFile(path);
    for (let length = 0; length < bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(readContainer(path, 'test', schema)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    }
    await writeFile(path, Buffer.concat([bytes, Buffer.of(0)]));
    await expect(readContainer(path, 'test', schema)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });

  it('tells foreign files, other kinds, other versions and missing files apart', async () => {
    await expect(readContainer(path, 'test', schema)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await writeFile(path, 'PK\x03\x04 something else altogether, long enough to be a file');
    await expect(readContainer(path, 'test', schema)).rejects.toMatchObject({ code: 'FILE_FOREIGN' });
    await writeContainer(path, 'test', content);
    await expect(readContainer(path, 'policy', schema)).rejects.toMatchObject({
      code: 'FILE_FOREIGN',
      message: expect.stringContaining('expected a policy, this is a test'),
    });
    const bytes = await readFile(path);
    bytes.writeUInt32LE(2, magic.length);
    await writeFile(path, bytes);
    await expect(readContainer(path, 'test', schema)).rejects.toMatchObject({
      code: 'FILE_VERSION',
      message: expect.stringContaining('format version 2; this gymwire reads version 1'),
    });
  });

  it('refuses sound bytes with content that does not fit', async () => {
    await writeContainer(path, 'test', { ...content, layers: [{ weight: new Uint8Array(4) }] });
    await expect(readContainer(path, 'test', schema)).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining('layers.0.weight'),
    });
  });

  it('leaves the old file in place when the disk fills up, whenever that happens', async () => {
    await writeContainer(path, 'test', content);
    const old = await readFile(path);
    for (const bytes of [0, 10, 100, old.length - digestLength, old.length - 1]) {
      await limitDisk(bytes);
      const larger = { ...content, name: 'another name' };
      await expect(writeContainer(path, 'test', larger)).rejects.toMatchObject({ code: 'DISK_FULL' });
      vi.mocked(open).mockReset();
      expect((await readFile(path)).equals(old)).toBe(true);
      expect(await readdir(folder)).toEqual(['some.bin']);
    }
  });

  it('says when it cannot write at all', async () => {
    await writeFile(join(folder, 'file'), '');
    const below = join(folder, 'file', 'some.bin');
    await expect(writeContainer(below, 'test', content)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  });

  it('overwrites the leftover of a write that was killed', async () => {
    await writeFile(`${path}.partial`, 'half a fi');
    await writeContainer(path, 'test', content);
    expect(await readContainer(path, 'test', schema)).toEqual(content);
  });
});
