/** The smallest environment, served: `node examples/dist/own-env/point.js`. */
import '../plain-errors.ts';
// #region serve
import { type Env, startEnvServer } from '@gymwire/env-server';
import { box, float32, type Tensor } from '@gymwire/protocol';

/** The observation is where you are, the action how far to go: stay near 0. */
function createPoint(): Env {
  let x = 0;
  return {
    observationSpace: box([-11], [11]),
    actionSpace: box([-1], [1]),
    reset({ random }) {
      x = random.uniform(-5, 5);
      return { observation: float32([x]), info: {} };
    },
    step(action) {
      const [move = 0] = (action as Tensor<'float32'>).data;
      x += move;
      const terminated = Math.abs(x) > 10;
      return { observation: float32([x]), reward: -Math.abs(x), terminated, truncated: false, info: {} };
    },
  };
}

const envs = [{ id: 'Point-v0', make: createPoint, maxEpisodeSteps: 50 }];
const server = await startEnvServer({ envs, port: 50051 });
console.log(`serving on ${server.address}`);
// #endregion
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.shutdown());
