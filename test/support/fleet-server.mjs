/** A program that serves the built-in environments until it is killed; its first line names its address. */
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

const [port = '0'] = process.argv.slice(2);
const server = await startEnvServer({ port: Number(port), envs: builtinEnvs });
process.stdout.write(`serving ${server.address}\n`);
