/** What the parts of a training cost here: HalfCheetah's sizes, 256-256, batch 256. */
import { connect } from '@gymwire/agent-sdk';
import {
  createBatch,
  createCompiledLearner,
  createInitialState,
  createRandomStream,
  NetworkActor,
  ReplayBuffer,
} from '@gymwire/agent-sdk/parts';
import { learnerOptions } from '../learner/sizes.ts';
import { halfCheetah, shapeEnvId } from '../train/bench-envs.ts';
import { startServer } from '../train/server-link.ts';
import type { TrainerCosts } from './fleet-model.ts';

const sizes = { ...halfCheetah, hiddenSizes: [256, 256], batchSize: 256 };
const transitions = 1_000_000;
const rows = 64;

/** What was measured, and what was fitted to it. */
export interface MeasuredCosts extends TrainerCosts {
  /** The trainer's thread, for each environment: of `rowMs` the codec's part. */
  readonly codecMs: number;
  /** Hosts and environments a host, and CPU ms of this process for a step of them all. */
  readonly steps: ReadonlyArray<{
    readonly hosts: number;
    readonly envsPerHost: number;
    readonly cpuMs: number;
  }>;
}

/**
 * Takes a minute or two on a quiet machine.
 * @param runs short ones, of each cost; the fastest counts, which others on this machine have disturbed least
 */
export async function measureCosts(runs: number): Promise<MeasuredCosts> {
  const { storeMs, ...learner } = await measureLearner(runs);
  const steps = await measureSteps(runs);
  const { messageMs, codecMs } = fitSteps(steps);
  return { ...learner, messageMs, codecMs, rowMs: codecMs + storeMs, steps };
}

async function measureLearner(runs: number) {
  const options = learnerOptions(sizes);
  const learner = await createCompiledLearner(options, createInitialState(options, 0));
  const actor = new NetworkActor(await learner.actorWeights());
  const replay = new ReplayBuffer({ ...halfCheetah, capacity: transitions });
  const stream = createRandomStream(0, 'measure-costs');
  const observation = new Float32Array(rows * halfCheetah.observationSize);
  const action = new Float32Array(rows * halfCheetah.actionSize);
  stream.fillStandardNormal(observation);
  const row = observation.subarray(0, halfCheetah.observationSize);
  const own = action.subarray(0, halfCheetah.actionSize);
  const batch = createBatch(sizes.batchSize, halfCheetah.observationSize, halfCheetah.actionSize);
  const noise = new Float32Array(sizes.batchSize * halfCheetah.actionSize);
  const store = () => replay.add(row, own, 0, row, false);
  for (let i = 0; i < transitions; i++) store();
  const draw = () => {
    replay.sample(batch, stream);
    stream.fillStandardNormal(noise);
  };
  const update = async () => {
    draw();
    await learner.update(batch, noise);
  };
  const [updateMs, drawMs, actMs, storeMs] = [
    // Two, since every second one has the actor's part; more often, since it takes the longest and is disturbed the most.
    await timeOf(10 * runs, 2, update),
    await timeOf(runs, 50, draw),
    (await timeOf(runs, 5, () => actor.act(observation, action))) / rows,
    await timeOf(runs, 10_000, store),
  ];
  await learner.dispose();
  return { updateMs, drawMs, actMs, storeMs };
}

/** Returns the ms of one call in the fastest run; the first runs are for V8 to compile. */
async function timeOf(runs: number, calls: number, call: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = -5; run < runs; run++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await call();
    if (run >= 0) times.push((performance.now() - start) / calls);
  }
  return Math.min(...times);
}

const placements = [
  [1, 1],
  [1, 64],
  [8, 1],
  [8, 8],
  [32, 1],
  [32, 8],
] as const;

/** Sessions on as many connections, stepped at once, as a fleet does it. */
async function measureSteps(runs: number): Promise<MeasuredCosts['steps']> {
  const server = await startServer();
  const steps: Array<MeasuredCosts['steps'][number]> = [];
  for (const [hosts, envsPerHost] of placements) {
    const connections = await Promise.all(
      Array.from({ length: hosts }, () => connect(server.connection.address)),
    );
    const envs = await Promise.all(
      connections.map((connection) => connection.makeVector(shapeEnvId, { numEnvs: envsPerHost })),
    );
    const actions = new Float32Array(envsPerHost * halfCheetah.actionSize);
    await Promise.all(envs.map((env) => env.reset({ seed: 0 })));
    const cpuMs = await cpuOf(runs, Math.ceil(800 / hosts), () =>
      Promise.all(envs.map((env) => env.step(actions))),
    );
    await Promise.all(envs.map((env) => env.close()));
    for (const connection of connections) connection.close();
    steps.push({ hosts, envsPerHost, cpuMs });
  }
  server.close();
  return steps;
}

/** CPU ms of this process for one call: waiting for a server costs nothing. */
async function cpuOf(runs: number, calls: number, call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = -5; run < runs; run++) {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i++) await call();
    const { user, system } = process.cpuUsage(before);
    if (run >= 0) times.push((user + system) / 1e3 / calls);
  }
  return Math.min(...times);
}

/** Least squares of cpuMs = messageMs · hosts + codecMs · environments, each step with the same weight. */
export function fitSteps(steps: MeasuredCosts['steps']): {
  readonly messageMs: number;
  readonly codecMs: number;
} {
  let [hh, he, ee, hy, ey] = [0, 0, 0, 0, 0];
  for (const { hosts, envsPerHost, cpuMs } of steps) {
    // Relative errors: a step of 256 environments must not decide alone.
    const [h, e] = [hosts / cpuMs, (hosts * envsPerHost) / cpuMs];
    hh += h * h;
    he += h * e;
    ee += e * e;
    hy += h;
    ey += e;
  }
  const determinant = hh * ee - he * he;
  return { messageMs: (hy * ee - ey * he) / determinant, codecMs: (hh * ey - he * hy) / determinant };
}
