/** Environments of a module of the operator's own. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { EnvRegistration, Isolation } from '@gymwire/env';
import { type PortableError, unpackError } from '@gymwire/env/host';
import { GymwireError, messageOf } from '@gymwire/protocol';
import { defaultCallLimits } from '../slots/call-limits.ts';
import { HostLife } from '../threads/host-life.ts';
import { FrameReader, frame, fromProcess, toProcess } from './frames.ts';
import { defaultMaxMemoryMb } from './memory-limit.ts';
import {
  type PortableRegistration,
  type ScannedRegistration,
  type ScanRequest,
  scanModule,
  unpackRegistration,
} from './scan-module.ts';
import { SessionProcess } from './session-process.ts';

/** What `registrationsFrom` takes beside the module's path. */
export interface RegistrationsOptions {
  /** The export that is a registration, or an array of them; default: all that there are. */
  readonly exportName?: string;
  /** 'none': in the server's own thread. Default: what each registration says of itself, else a process. */
  readonly isolate?: Isolation | 'none';
  /** Memory of each isolated session; default: what each registration says of itself. */
  readonly maxMemoryMb?: number;
}

/**
 * The registrations that a module exports, isolated. The server does not import the module, unless `isolate` is
 * 'none': a process looks into it, and then each session's thread or process imports it.
 *
 * @param file a path, from the current directory, or a file: URL
 * @throws GymwireError INVALID_ARGUMENT, naming the file, when there is none, it cannot be imported, exports no
 * registration, or two with one id
 */
export async function registrationsFrom(
  file: string | URL,
  options: RegistrationsOptions = {},
): Promise<EnvRegistration[]> {
  const { exportName, isolate, maxMemoryMb } = options;
  const path = file instanceof URL || file.startsWith('file:') ? fileURLToPath(file) : resolve(file);
  const url = pathToFileURL(path).href;
  try {
    if (!existsSync(path)) throw new GymwireError('INVALID_ARGUMENT', 'there is no such file');
    const request = { url, exportName };
    const scanned = await (isolate === 'none' ? scanModule(request) : scanInProcess(request));
    return scanned.map(({ exportName: name, registration }): EnvRegistration => {
      const module = { url, exportName: name };
      if (isolate === 'none') {
        const { isolate: _, maxMemoryMb: __, ...inServer } = registration;
        return { ...inServer, module };
      }
      return {
        ...registration,
        isolate: isolate ?? registration.isolate ?? 'process',
        ...(maxMemoryMb !== undefined && { maxMemoryMb }),
        module,
      };
    });
  } catch (cause) {
    throw new GymwireError('INVALID_ARGUMENT', `${path}: ${messageOf(cause)}`, { cause });
  }
}

/** @throws GymwireError, also when the process dies or takes too long */
async function scanInProcess(request: ScanRequest): Promise<readonly ScannedRegistration[]> {
  const life = new HostLife<readonly PortableRegistration[]>();
  const reader = new FrameReader((kind, body) => {
    if (kind === fromProcess.message) life.answer(deserialize(body) as readonly PortableRegistration[]);
    else life.fail(unpackError(deserialize(body) as PortableError));
  });
  const child = new SessionProcess(defaultMaxMemoryMb(), {
    onData: (chunk) => reader.take(chunk),
    onOutput: (_, chunk) => void process.stderr.write(chunk),
    onEnd: (why) => life.die(why),
  });
  const { makeTimeoutMs } = defaultCallLimits;
  const timer = setTimeout(
    () => life.die(`importing it took longer than ${makeTimeoutMs} ms`),
    makeTimeoutMs,
  );
  try {
    child.ref();
    child.write(frame(toProcess.scan, serialize(request)));
    return (await life.answered()).map(unpackRegistration);
  } finally {
    clearTimeout(timer);
    life.end();
    child.kill();
  }
}
