/** Where an update's time goes, node by node, as onnxruntime itself measures both graphs. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createBatch,
  createCompiledLearner,
  createInitialState,
  createRandomStream,
} from '@gymwire/agent-sdk/parts';
import { publish } from '../results/publish.ts';
import { formatTable, type Row } from '../support/report.ts';
import { type NodeTime, readNodeTimes } from './node-times.ts';
import { createProducts, flopsPerProduct, productsPerRun } from './sgemm.ts';
import { describeSizes, learnerOptions, policyDelay, type UpdateSizes } from './sizes.ts';

const updates = 400;

/** Profiles the compiled learner in this thread. */
export async function profileLearner(sizes: UpdateSizes, save: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-profile-'));
  try {
    await runProfiled(sizes, join(folder, 'graph'));
    const flopsPerUs = await productSpeed();
    const graphs = ['critics', 'policy'].map((name) => ({ name, nodes: readProfile(folder, name) }));
    const text = [
      `${describeSizes(sizes)}; medians over ${updates} updates; the policy graph runs at every ${policyDelay}nd update`,
      ...graphs.flatMap(({ name, nodes }) => describeGraph(name, nodes, flopsPerUs)),
    ].join('\n\n');
    const name = `profile-${sizes.observationSize}-${sizes.actionSize}-${sizes.hiddenSizes.join('-')}-b${sizes.batchSize}`;
    publish({ name, title: 'Where an update’s time goes', text, data: { sizes, flopsPerUs, graphs } }, save);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runProfiled(sizes: UpdateSizes, profilePrefix: string): Promise<void> {
  const options = learnerOptions(sizes);
  const { batchSize, observationSize, actionSize } = sizes;
  const learner = await createCompiledLearner(options, createInitialState(options, 0), {
    thread: 'caller',
    diagnostics: { profilePrefix },
  });
  const stream = createRandomStream(0, 'profile');
  const batch = createBatch(batchSize, observationSize, actionSize);
  const noise = new Float32Array(batchSize * actionSize);
  for (let i = 0; i < updates; i++) {
    for (const column of [batch.observation, batch.nextObservation, batch.action, batch.reward, noise]) {
      stream.fillStandardNormal(column);
    }
    await learner.update(batch, noise);
  }
  await learner.dispose();
}

/** @returns FLOP/µs of the 256 × 256 product here and now */
async function productSpeed(): Promise<number> {
  const run = await createProducts();
  const times: number[] = [];
  for (let i = 0; i < 100; i++) {
    const start = performance.now();
    await run();
    times.push((performance.now() - start) * 1e3);
  }
  return (productsPerRun * flopsPerProduct) / Math.min(...times);
}

function readProfile(folder: string, graph: string): NodeTime[] {
  const file = readdirSync(folder).find((name) => name.startsWith(`graph-${graph}`));
  if (file === undefined) throw new Error(`onnxruntime wrote no profile of the graph ${graph}`);
  return readNodeTimes(join(folder, file));
}

/** By kind of operator, then the largest nodes. */
function describeGraph(name: string, nodes: readonly NodeTime[], flopsPerUs: number): string[] {
  const total = sum(nodes.map(({ us }) => us));
  const flops = sum(nodes.map((node) => node.flops));
  const row = (label: string, group: readonly NodeTime[]): Row => {
    const us = sum(group.map((node) => node.us));
    const groupFlops = sum(group.map((node) => node.flops));
    return {
      operator: label,
      nodes: group.length,
      µs: us.toFixed(0),
      share: `${((100 * us) / total).toFixed(1)} %`,
      'GFLOP/s': groupFlops === 0 ? '' : (groupFlops / us / 1e3).toFixed(1),
      'floor µs': groupFlops === 0 ? '' : (groupFlops / flopsPerUs).toFixed(0),
    };
  };
  const largestFirst = (rows: Row[]) => rows.sort((a, b) => Number(b.µs) - Number(a.µs));
  const ops = [...new Set(nodes.map(({ op }) => op))];
  const kinds = ops.map((op) =>
    row(
      op,
      nodes.filter((node) => node.op === op),
    ),
  );
  const largest = [...nodes].sort((a, b) => b.us - a.us).slice(0, 15);
  return [
    `## Graph \`${name}\`: ${(total / 1e3).toFixed(2)} ms in ${nodes.length} nodes`,
    `${(flops / 1e6).toFixed(1)} MFLOP of products; at the ${(flopsPerUs / 1e3).toFixed(1)} GFLOP/s of the 256 × 256 product ${(flops / flopsPerUs / 1e3).toFixed(2)} ms`,
    formatTable(largestFirst(kinds)),
    formatTable(largest.map((node) => row(`${node.op} [${node.output.join(', ')}] ${node.name}`, [node]))),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
