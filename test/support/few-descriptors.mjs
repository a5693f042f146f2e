/**
 * A program with hardly any file descriptors: few-descriptors.mjs (worker | process). Makes a session while none is
 * free and one when they are, and prints what became of both.
 */
import { closeSync, openSync } from 'node:fs';
import { createEnvRegistry, createSessionStore, registrationsFrom } from '@gymwire/env-server';
import { pino } from 'pino';

const isolate = process.argv[2] === 'worker' ? 'worker' : 'process';
const registrations = await registrationsFrom(new URL('./process-envs.mjs', import.meta.url), { isolate });
const limits = { maxSessions: 9, maxNumEnvs: 9, maxTotalEnvs: 9, idleTimeoutMs: 600_000 };
const store = createSessionStore(createEnvRegistry(registrations), limits, pino({ level: 'silent' }));

async function outcome() {
  try {
    const { sessionId } = (await store.make({ envId: 'TellTale-v0' })).description;
    await store.close(sessionId);
    return 'made';
  } catch (thrown) {
    const { code, message } = /** @type {{ code: string, message: string }} */ (thrown);
    return `${code} ${message}`;
  }
}

/** @type {number[]} */
const taken = [];
try {
  for (;;) taken.push(openSync(new URL(import.meta.url), 'r'));
} catch {
  // All are taken.
}
const without = await outcome();
for (const descriptor of taken) closeSync(descriptor);
process.stdout.write(`${JSON.stringify([without, await outcome()])}\n`);
