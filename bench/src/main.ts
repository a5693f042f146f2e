/** `npm run bench -- <name>`: side-by-side measurements, ours and peers in one run. */
import { runAbuseBench } from './abuse/abuse-bench.ts';
import { runBridgeBench } from './bridge/bridge-bench.ts';
import { runDenormalsBench } from './denormals/denormals-bench.ts';
import { runEnvBench } from './env/env-bench.ts';
import { runFleetBench } from './fleet/fleet-bench.ts';
import { runIsolationBench } from './isolation/isolation-bench.ts';
import { runLearnerBench } from './learner/learner-bench.ts';
import { runIndexBench } from './results/index-bench.ts';
import { runReturnsBench } from './returns/returns-bench.ts';
import { runRobotBench } from './robot/robot-bench.ts';
import { runScalingBench } from './scaling/scaling-bench.ts';
import { runSoakBench } from './soak/soak-bench.ts';
import { HelpShown, OptionError } from './support/option-values.ts';
import { installPeers } from './support/python-peers.ts';
import { runTrainBench } from './train/train-bench.ts';
import { runBatchBench } from './vector/batch-bench.ts';
import { runWireBench } from './wire/wire-bench.ts';

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  wire: runWireBench,
  bridge: runBridgeBench,
  env: runEnvBench,
  isolation: runIsolationBench,
  batch: runBatchBench,
  learner: runLearnerBench,
  train: runTrainBench,
  denormals: runDenormalsBench,
  robot: runRobotBench,
  returns: runReturnsBench,
  scaling: runScalingBench,
  fleet: runFleetBench,
  soak: runSoakBench,
  abuse: runAbuseBench,
  peers: installPeers,
  index: runIndexBench,
};

const usage = `usage: npm run bench -- <name> [options], where <name> is one of: ${Object.keys(benches).join(', ')}`;

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  const isHelp = name === '--help' || name === '-h';
  (isHelp ? console.log : console.error)(`${usage}\n<name> --help tells its options`);
  process.exitCode = isHelp ? 0 : 2;
} else {
  await bench(args).catch((error: unknown) => {
    if (error instanceof HelpShown) return;
    if (!(error instanceof OptionError)) throw error;
    console.error(`${error.message}\nnpm run bench -- ${name} --help tells the options`);
    process.exitCode = 2;
  });
}
