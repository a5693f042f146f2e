/** `npm run bench -- <name>`: side-by-side measurements, ours and peers in one run. */
import { runAbuseBench } from './abuse/abuse-bench.ts';
import { runDenormalsBench } from './denormals/denormals-bench.ts';
import { runEnvBench } from './env/env-bench.ts';
import { runIsolationBench } from './isolation/isolation-bench.ts';
import { runLearnerBench } from './learner/learner-bench.ts';
import { runReturnsBench } from './returns/returns-bench.ts';
import { runRobotBench } from './robot/robot-bench.ts';
import { runSoakBench } from './soak/soak-bench.ts';
import { installPeers } from './support/python-peers.ts';
import { runTrainBench } from './train/train-bench.ts';
import { runWireBench } from './wire/wire-bench.ts';

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  wire: runWireBench,
  env: runEnvBench,
  isolation: runIsolationBench,
  learner: runLearnerBench,
  train: runTrainBench,
  denormals: runDenormalsBench,
  robot: runRobotBench,
  returns: runReturnsBench,
  soak: runSoakBench,
  abuse: runAbuseBench,
  peers: installPeers,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- <name>, where <name> is one of: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  await bench(args);
}
