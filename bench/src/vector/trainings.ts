/** Steps a second of a training, on a batch simulator and on as many single environments, on one server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { train } from '@gymwire/agent-sdk';
import { bridgeSources } from '../support/python-peers.ts';

export interface Training {
  readonly name: string;
  readonly updates: number;
  readonly stepsPerSecond: number;
}

const batch = 'HalfCheetah-v4';
const single = 'HalfCheetah-v5';

/** With few updates the environments count, with one a step the learner does. */
const updatesPerStep = [1 / 64, 1] as const;

export async function measureTrainings(python: string, numEnvs: number, steps: number): Promise<Training[]> {
  const served = [
    '--vector',
    `${batch}=envpool:make_gymnasium`,
    '--kwarg',
    `task_id=${batch}`,
    '--env',
    single,
  ];
  const child = spawn(
    python,
    ['-W', 'ignore', '-m', 'gymwire', '--json', 'serve', ...served, '--port', '0'],
    {
      env: { ...process.env, PYTHONPATH: bridgeSources },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { address } = JSON.parse(line) as { address: string };
    const trainings: Training[] = [];
    for (const updates of updatesPerStep) {
      for (const envId of [batch, single]) {
        // Updates that are many take long, and their share of the time is soon known.
        const wanted = updates === 1 ? Math.ceil(steps / 5) : steps;
        const name =
          envId === batch
            ? `${numEnvs} of EnvPool’s ${batch}, one session`
            : `${numEnvs} of Gymnasium’s ${single}`;
        process.stderr.write(`${name}, ${updates} updates a step\n`);
        trainings.push({
          name,
          updates,
          stepsPerSecond: await measure(address, envId, numEnvs, wanted, updates),
        });
      }
    }
    return trainings;
  } finally {
    child.kill();
  }
}

/** From the first step after the warm-up on: neither making nor evaluations count. */
async function measure(
  server: string,
  envId: string,
  numEnvs: number,
  steps: number,
  gradientStepsPerTransition: number,
): Promise<number> {
  const learningStarts = 10 * numEnvs;
  let begun: { readonly at: number; readonly steps: number } | undefined;
  let ended = { at: 0, steps: 0 };
  await train({
    server,
    options: {
      envId,
      numEnvs,
      learningStarts,
      gradientStepsPerTransition,
      totalEnvSteps: learningStarts + steps,
      evaluationEpisodes: 1,
      evaluationInterval: 10 ** 9,
    },
    onProgress(event) {
      if (event.type !== 'step' || event.isWarmUp) return;
      ended = { at: performance.now(), steps: event.envSteps };
      begun ??= ended;
    },
  });
  if (begun === undefined) throw new Error(`${envId}: no step after the warm-up`);
  return (1000 * (ended.steps - begun.steps)) / (ended.at - begun.at);
}
