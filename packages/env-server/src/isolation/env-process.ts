import { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { hearNotices, packError } from '@gymwire/env/host';
import { EnvHost } from '../threads/env-host.ts';
import type { HostData, HostReply, HostRequest } from '../threads/host-messages.ts';
import { emptyInfo, infoByMessage } from '../threads/info-table.ts';
import { limitOutput } from '../threads/output-limit.ts';
import type { SharedRows } from '../threads/shared-rows.ts';
import { FrameReader, frame, fromProcess, toProcess } from './frames.ts';
import { channelFd, helperGroup } from './process-layout.ts';
import { packRegistration, type ScanRequest, scanModule } from './scan-module.ts';
import type { WardenData } from './warden.ts';

/* Entry of a session's process, whose argument is how many MB it may hold: makes the session's environments, then
   carries out one call after the other until the server's end of the channel is gone. */

/** How long environments may take to close when the server is gone. */
const lastWordsMs = 5000;

class EnvProcess {
  readonly #channel: Socket;
  #host: EnvHost | undefined;
  #isClosed = false;

  constructor(channel: Socket) {
    this.#channel = channel;
  }

  serve(): void {
    const reader = new FrameReader((kind, body) => this.#receive(kind, body));
    this.#channel.on('data', (chunk: Buffer) => reader.take(chunk));
    this.#channel.on('close', () => void this.#leave());
    // A server that was killed is told by the end of the channel.
    this.#channel.on('error', () => undefined);
    process.on('uncaughtException', (thrown) => this.#fail(thrown));
  }

  #receive(kind: number, body: Buffer): void {
    switch (kind) {
      case toProcess.start:
        return this.#start(deserialize(body) as HostData);
      case toProcess.scan:
        return void this.#scan(deserialize(body) as ScanRequest);
      case toProcess.detach:
        return this.#host?.detach();
      case toProcess.step:
        this.#rows.regions.actions.set(body);
        return void this.#answer(this.#present.step(false));
      case toProcess.seededStep: {
        const { actions, nextSeeds } = this.#rows.regions;
        actions.set(body.subarray(0, actions.length));
        nextSeeds.set(body.subarray(actions.length));
        return void this.#answer(this.#present.step(true));
      }
      case toProcess.message: {
        const request = deserialize(body) as HostRequest;
        this.#isClosed ||= request.kind === 'close';
        return void this.#answer(this.#present.carryOut(request));
      }
      default:
        throw new Error(`a frame of the unknown kind ${kind} from the server`);
    }
  }

  #start(data: HostData): void {
    this.#host = new EnvHost(data);
    void this.#answer(this.#host.make());
  }

  /** A fault ends the process, which is of no more use. */
  async #scan(request: ScanRequest): Promise<void> {
    const found = await scanModule(request);
    this.#channel.write(frame(fromProcess.message, serialize(found.map(packRegistration))));
  }

  async #answer(call: HostReply | undefined | Promise<HostReply | undefined>): Promise<void> {
    const reply = await call;
    const message = reply === undefined ? undefined : serialize(reply);
    this.#channel.write(answerFrame(this.#host?.rows, message));
  }

  get #present(): EnvHost {
    if (this.#host === undefined) throw new Error('a call came before the start');
    return this.#host;
  }

  get #rows(): SharedRows {
    const rows = this.#host?.rows;
    if (rows === undefined) throw new Error('a step came before the rows');
    return rows;
  }

  /** What nobody caught. The environments cannot be trusted any more. */
  #fail(thrown: unknown): void {
    const leave = () => process.exit(1);
    setTimeout(leave, lastWordsMs);
    this.#channel.end(frame(fromProcess.fault, serialize(packError(thrown))), leave);
  }

  async #leave(): Promise<void> {
    setTimeout(exitWithHelpers, lastWordsMs);
    if (!this.#isClosed) await this.#host?.carryOut({ kind: 'close' });
    exitWithHelpers();
  }
}

/** Where the server is gone, nobody else ends what the environments have started. */
function exitWithHelpers(): void {
  // After all that the environments do when they exit.
  process.once('exit', () => process.kill(helperGroup(process.pid), 'SIGKILL'));
  process.exit();
}

/** The regions that say something, then the message. */
function answerFrame(rows: SharedRows | undefined, message: Uint8Array | undefined): Buffer {
  const parts: Uint8Array[] = [];
  let kind = 0;
  const add = (part: number, bytes: Uint8Array) => {
    kind |= part;
    parts.push(bytes);
  };
  if (rows !== undefined) {
    const { state, infos, finals } = rows.regions;
    add(fromProcess.state, state);
    if (rows.info.schema.some(hasValues)) add(fromProcess.infos, infos);
    if (rows.hasFinal.some((has) => has === 1)) add(fromProcess.finals, finals);
  }
  if (message !== undefined) add(fromProcess.message, message);
  return frame(kind, ...parts);
}

const hasValues = (schema: number) => schema !== emptyInfo && schema !== infoByMessage;

/** A thread that watches over this one, which code of users may keep busy for ever. */
function startWarden(maxMemoryMb: number): void {
  const workerData: WardenData = { serverPid: process.ppid, maxMemoryMb, group: helperGroup(process.pid) };
  const warden = new Worker(new URL('./warden.js', import.meta.url), {
    workerData,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  warden.unref();
}

for (const stream of [process.stdout, process.stderr]) limitOutput(stream);
startWarden(Number(process.argv[2]));
// Ctrl-C reaches all of a terminal's processes; the server closes its sessions itself.
process.on('SIGINT', () => undefined);
// What this process prints goes to the server's log.
hearNotices(({ message }) => process.stderr.write(`${message}\n`));
new EnvProcess(new Socket({ fd: channelFd, readable: true, writable: true })).serve();
