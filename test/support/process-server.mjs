/** A program that serves process-envs.mjs, each session in a process; its first line names its address. */
import { registrationsFrom, startEnvServer } from '@gymwire/env-server';

const registrations = await registrationsFrom(new URL('./process-envs.mjs', import.meta.url));
const server = await startEnvServer({ port: 0, envs: registrations });
process.stdout.write(`serving ${server.address}\n`);
