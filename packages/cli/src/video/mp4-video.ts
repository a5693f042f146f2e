/** `.mp4` by a program of its own, ffmpeg, which takes pictures on its standard input. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { Frame } from '@gymwire/protocol';
import { UsageError } from '../usage-error.ts';
import { HOLD_MS } from './frame-times.ts';
import type { Video } from './video.ts';
import { createVideoFile, writeError } from './video-file.ts';

const program = 'ffmpeg';

/** Whichever comes first is taken: what plays everywhere before what is only there. */
const encoders: readonly (readonly [name: string, quality: readonly string[]])[] = [
  ['libx264', ['-crf', '25']],
  ['libopenh264', ['-b:v', '1500k']],
  ['h264_videotoolbox', ['-b:v', '1500k']],
  ['h264_mf', ['-b:v', '1500k']],
];

/** @returns ffmpeg's arguments for it @throws UsageError when there is no ffmpeg, or none that writes H.264 */
export async function findH264Encoder(): Promise<readonly string[]> {
  const remedy = 'install it, or name a file that ends in .gif';
  const listed = await output(['-hide_banner', '-encoders']);
  if (listed === undefined) {
    throw new UsageError(`--video: .mp4 needs ${program} on the PATH, and it cannot be started: ${remedy}`);
  }
  for (const [name, quality] of encoders) {
    if (new RegExp(`^\\s*V\\S*\\s+${name}\\s`, 'm').test(listed)) return ['-c:v', name, ...quality];
  }
  const names = encoders.map(([name]) => name).join(', ');
  throw new UsageError(
    `--video: .mp4 needs an ${program} that writes H.264 (${names}); the one on the PATH does not: ${remedy}`,
  );
}

/** What a call prints; undefined when it cannot be started or fails. */
async function output(args: readonly string[]): Promise<string | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code === 0 ? text : undefined));
  });
}

/** @throws AgentError NOT_WRITABLE, DISK_FULL; before anything is played where the folder tells */
export async function createMp4Video(
  path: string,
  framesPerSecond: number,
  encoder: readonly string[],
): Promise<Video> {
  const file = await createVideoFile(path);
  let running: Encoding | undefined;
  let last: Uint8Array | undefined;
  return {
    async add({ width, height, data }) {
      running ??= new Encoding(path, argumentsFor(file.partial, { width, height, framesPerSecond, encoder }));
      await running.write(data);
      last = data;
    },
    bytes: async () => (await stat(file.partial)).size,
    async finish() {
      // Every frame lasts as long as the others: the last one is shown again.
      const again = Math.round((framesPerSecond * HOLD_MS) / 1_000);
      if (last !== undefined) for (let i = 0; i < again; i++) await running?.write(last);
      await running?.end();
      return file.finish();
    },
    async discard() {
      await running?.kill();
      await file.discard();
    },
  };
}

interface PictureOptions extends Pick<Frame, 'width' | 'height'> {
  readonly framesPerSecond: number;
  readonly encoder: readonly string[];
}

function argumentsFor(
  partial: string,
  { width, height, framesPerSecond, encoder }: PictureOptions,
): readonly string[] {
  const size = `${width}x${height}`;
  const input = `-f rawvideo -pixel_format rgb24 -video_size ${size} -framerate ${framesPerSecond} -i pipe:0`;
  // What most players take has even sides and half the colours' resolution.
  const picture = '-vf pad=ceil(iw/2)*2:ceil(ih/2)*2 -pix_fmt yuv420p -movflags +faststart -f mp4';
  return [
    ...`-hide_banner -loglevel error -nostdin -y ${input} -an`.split(' '),
    ...encoder,
    ...picture.split(' '),
    // As a file whatever its name looks like.
    `file:${partial}`,
  ];
}

/** One ffmpeg from its first picture to its end. */
class Encoding {
  readonly #path: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #errors = '';
  #fault: Error | undefined;

  constructor(path: string, args: readonly string[]) {
    this.#path = path;
    this.#child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], windowsHide: true });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2_000);
    });
    // It ended before it had everything: its own words say why.
    this.#child.stdin?.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#fault = error;
        resolve(null);
      });
      this.#child.once('close', (code) => resolve(code));
    });
  }

  /** @throws AgentError NOT_WRITABLE, DISK_FULL when it has ended */
  async write(data: Uint8Array): Promise<void> {
    const { stdin, exitCode } = this.#child;
    if (stdin === null || exitCode !== null || stdin.destroyed) throw await this.#failure();
    if (stdin.write(data)) return;
    await Promise.race([once(stdin, 'drain').catch(() => undefined), this.#ended]);
    if (this.#child.exitCode !== null) throw await this.#failure();
  }

  /** Everything was given. @throws AgentError NOT_WRITABLE, DISK_FULL */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    if ((await this.#ended) !== 0) throw await this.#failure();
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async #failure(): Promise<Error> {
    const code = await this.#ended;
    const words = this.#errors.trim() || this.#fault?.message || `it ended with ${code}`;
    const cause = new Error(`${program}: ${words}`);
    return writeError(
      this.#path,
      /no space left/i.test(words) ? Object.assign(cause, { code: 'ENOSPC' }) : cause,
    );
  }
}
