/**
 * Eight environments in one session, stepped together: first by a rule, then by a trainer.
 * `node examples/dist/vector-env/train.js [address [steps]]`
 */
import '../plain-errors.ts';
import { connect, train } from '@gymwire/agent-sdk';
import { isTensor } from '@gymwire/protocol';
import { openServer } from '../open-server.ts';
import { stopOnRequest } from '../stop-signal.ts';

const [address, steps = '8000'] = process.argv.slice(2);
const numEnvs = 8;
const signal = stopOnRequest();
const server = await openServer(address);
const connection = await connect(server.address);

// One message a step carries all actions, and one all observations: rows of `[numEnvs, 3]`.
const env = await connection.makeVector('Pendulum-v1', { numEnvs, autoresetMode: 'same-step' });
let { observation } = await env.reset({ seed: 1 });
const returns = new Float64Array(numEnvs);
for (let t = 0; t < 200; t++) {
  const rows = isTensor(observation) ? observation.data : [];
  const torques = Array.from(returns, (_, i) => {
    const [cosine, sine, speed] = [Number(rows[3 * i]), Number(rows[3 * i + 1]), Number(rows[3 * i + 2])];
    const missing = 15 - 15 * cosine - speed ** 2 / 2; // energy, until it can stand
    const isNear = cosine > 0.9 && Math.abs(missing) < 4;
    return isNear ? -8 * sine - 2 * speed : 2 * Math.sign(speed * missing);
  });
  const step = await env.step(torques);
  observation = step.observation;
  for (const [i, reward] of step.rewards.entries()) returns[i] = Number(returns[i]) + reward;
}
await env.close();
console.log(`by a rule, eight episodes at once: returns ${[...returns].map((x) => x.toFixed(0)).join(', ')}`);

const { envSteps, gradientSteps, best, policy } = await train({
  connection,
  options: { envId: 'Pendulum-v1', numEnvs, totalEnvSteps: Number(steps) },
  signal,
});
signal.throwIfAborted();
const { evaluation } = best ?? policy;
console.log(
  `by a trainer: ${envSteps} steps, ${gradientSteps} updates, return ${evaluation?.meanReturn.toFixed(1) ?? 'not measured'}`,
);
connection.close();
await server.shutdown();
