/**
 * Plays a run's best policy on episodes of your choosing, and says how to film the worst of them. Without a run there, it
 * trains one first. `node examples/dist/evaluate-and-record/evaluate.js [folder [episodes [address]]]`
 */
import '../plain-errors.ts';
import { evaluatePolicy, readRunPolicy, train } from '@gymwire/agent-sdk';
import { openServer } from '../open-server.ts';
import { stopOnRequest } from '../stop-signal.ts';

const [runFolder = 'runs/recorded', episodes = '10', address] = process.argv.slice(2);
const signal = stopOnRequest();
const server = await openServer(address);

const readBest = () => readRunPolicy(runFolder, 'bestPolicy');
const policy = await readBest().catch(async (error: unknown) => {
  if ((error as { readonly code?: unknown }).code !== 'RUN_NOT_FOUND') throw error;
  console.log(`no run in ${runFolder}: training one`);
  const options = { envId: 'Pendulum-v1', totalEnvSteps: 7_000 };
  await train({ server: server.address, options, runFolder, signal });
  signal.throwIfAborted();
  return readBest();
});

// Episode k starts from seed + k; these are in no training.
const seed = 2_000_000_000;
const { returns, meanReturn, stdReturn } = await evaluatePolicy({
  server: server.address,
  policy,
  episodes: Number(episodes),
  seed,
  signal,
});
const worst = returns.indexOf(Math.min(...returns));
console.log(`return ${meanReturn.toFixed(1)} ± ${stdReturn.toFixed(1)} over ${returns.length} episodes`);
console.log(`the worst, ${Number(returns[worst]).toFixed(1)}, is filmed by`);
console.log(
  `npx --no-install gymwire eval ${runFolder} --episodes 1 --seed ${seed + worst} --video worst.gif`,
);
await server.shutdown();
