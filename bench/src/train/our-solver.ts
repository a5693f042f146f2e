/** Pendulum-v1 to a mean return with our preset: `our-solver.js <settings as JSON>`; a request's count is the seed. */
import { train } from '@gymwire/agent-sdk';
import { introduce, serveRequests, timeInterval } from '../support/subject-process.ts';
import { startServer } from './server-link.ts';
import type { SolveSettings } from './solve-bench.ts';

const settings = JSON.parse(process.argv[2]) as SolveSettings;

introduce({
  version: `Node ${process.version}`,
  includes:
    'train() with the preset of Pendulum-v1 (64-64, batch 128, learning starts after 1 000 steps), compiled learner, environment over gRPC in a process of its own; start of server and learner and all evaluations included',
  differs: '',
});
await serveRequests(async ({ count: seed }) => {
  const extra = { envSteps: 0, meanReturn: -Infinity };
  let serverCpu = 0;
  const interval = await timeInterval(async () => {
    const server = await startServer();
    const result = await train({
      options: {
        envId: 'Pendulum-v1',
        seed,
        totalEnvSteps: settings.maxSteps,
        evaluationInterval: settings.interval,
        evaluationEpisodes: settings.episodes,
        stopAtReturn: settings.stopAtReturn,
      },
      connection: server.connection,
      learner: 'compiled',
    });
    extra.envSteps = result.envSteps;
    extra.meanReturn = result.best?.evaluation?.meanReturn ?? -Infinity;
    serverCpu = await server.cpuSeconds();
    server.close();
  });
  return { ...interval, cpuSeconds: interval.cpuSeconds + serverCpu, extra };
});
