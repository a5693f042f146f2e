/** Entry of the process that a group starts for each of its runs. */

/* The signals of a terminal go to every process in it. They are heard before the trainer is even loaded, and as often as they
 * come: the first stops the run, and whoever wants it gone at once is the group. */
const controller = new AbortController();
const stop = () => controller.abort();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
// A group that is gone, however it went: the run is saved, and nobody is told.
process.once('disconnect', stop);
if (!process.connected) stop();
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const { playSeed } = await import('./play-seed.ts');
await playSeed(controller);
process.exit(0);

export {};
