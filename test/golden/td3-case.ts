import { readFileSync } from 'node:fs';
import type { AdamState, Batch, Learner, LearnerOptions, LearnerState, LinearLayer, NetworkState } from '@gymwire/agent-sdk/parts';
import { expect } from 'vitest';

/*
 * Golden vectors of TD3's update: made with the authors' own PyTorch class (sfujim/TD3, torch 2.15, float32,
 * CPU, one thread), its hidden size replaced and its normal draws fed from the file.
 */

interface LayerJson {
  readonly weight_out_in: readonly number[];
  readonly bias: readonly number[];
}

const networkNames = ['actor', 'critic1', 'critic2', 'actorTarget', 'critic1Target', 'critic2Target'] as const;
type NetworkName = (typeof networkNames)[number];
type NetworksJson = Readonly<Record<NetworkName, readonly LayerJson[]>>;

interface UpdateJson {
  readonly observation: readonly number[];
  readonly action: readonly number[];
  readonly nextObservation: readonly number[];
  readonly reward: readonly number[];
  readonly notTerminated: readonly number[];
  readonly standardNormal: readonly number[];
  readonly criticLoss: number;
  readonly after?: NetworksJson;
}

interface FileJson {
  readonly obs: number;
  readonly act: number;
  readonly hidden: number;
  readonly batch: number;
  readonly config: Omit<LearnerOptions, 'observationSize' | 'actionSize' | 'hiddenSizes' | 'batchSize'>;
  readonly initial: NetworksJson;
  readonly updates: readonly UpdateJson[];
}

interface GoldenUpdate {
  readonly batch: Batch;
  readonly targetNoise: Float32Array;
  readonly criticLoss: number;
  /** All six networks after this update, where the file has them. */
  readonly after: Readonly<Record<NetworkName, NetworkState>> | undefined;
}

export interface GoldenCase {
  readonly options: LearnerOptions;
  readonly initial: LearnerState;
  readonly updates: readonly GoldenUpdate[];
}

/** @param name a file beside this one, without `.json` */
export function readGoldenCase(name: string): GoldenCase {
  const url = new URL(`./${name}.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as FileJson;
  const { gamma, tau, targetPolicyNoise, targetNoiseClip, policyDelay } = file.config;
  const { actorLearningRate, criticLearningRate } = file.config;
  const options: LearnerOptions = {
    observationSize: file.obs,
    actionSize: file.act,
    hiddenSizes: [file.hidden, file.hidden],
    batchSize: file.batch,
    gamma,
    tau,
    targetPolicyNoise,
    targetNoiseClip,
    policyDelay,
    actorLearningRate,
    criticLearningRate,
  };
  return { options, initial: initialState(file.initial), updates: file.updates.map((u) => goldenUpdate(u, file)) };
}

/** Runs all updates; losses within 1e-5 relative, weights within 1e-6 absolute wherever the file has them. */
export async function expectGolden(golden: GoldenCase, learner: Learner): Promise<void> {
  let checkedWeights = 0;
  for (const [i, { batch, targetNoise, criticLoss, after }] of golden.updates.entries()) {
    await learner.update(batch, targetNoise);
    const metrics = await learner.readMetrics();
    const lossError = Math.abs(metrics.criticLoss - criticLoss) / Math.abs(criticLoss);
    expect(lossError, `critic loss of update ${i + 1}`).toBeLessThan(1e-5);
    expect(metrics.gradientSteps).toBe(i + 1);
    if (after === undefined) continue;
    const networks = networksOf(await learner.exportState());
    for (const name of networkNames) {
      const error = largestDifference(networks[name], after[name]);
      expect(error, `${name} after update ${i + 1}`).toBeLessThan(1e-6);
      checkedWeights += 1;
    }
  }
  // Updates 1, 2 and the last, six networks each: a file without them would pass unseen.
  expect(checkedWeights).toBe(18);
}

function networksOf(state: LearnerState): Record<NetworkName, NetworkState> {
  const { actor, actorTarget, critics, criticTargets } = state;
  return {
    actor,
    actorTarget,
    critic1: critics[0],
    critic2: critics[1],
    critic1Target: criticTargets[0],
    critic2Target: criticTargets[1],
  };
}

function largestDifference(found: NetworkState, expected: NetworkState): number {
  const differences = expected.flatMap((layer, i) => {
    const other = found[i];
    expect(other?.weight.length).toBe(layer.weight.length);
    const weights = Array.from(layer.weight, (x, j) => Math.abs(x - (other?.weight[j] ?? Number.NaN)));
    const biases = Array.from(layer.bias, (x, j) => Math.abs(x - (other?.bias[j] ?? Number.NaN)));
    return [...weights, ...biases];
  });
  return differences.reduce((largest, x) => (x <= largest ? largest : x), 0);
}

function initialState(json: NetworksJson): LearnerState {
  const critics = [networkState(json.critic1), networkState(json.critic2)] as const;
  const actor = networkState(json.actor);
  return {
    actor,
    actorTarget: networkState(json.actorTarget),
    critics,
    criticTargets: [networkState(json.critic1Target), networkState(json.critic2Target)],
    actorAdam: adamAtRest(actor),
    criticAdams: [adamAtRest(critics[0]), adamAtRest(critics[1])],
    gradientSteps: 0,
  };
}

function networkState(layers: readonly LayerJson[]): NetworkState {
  return layers.map(({ weight_out_in, bias }): LinearLayer => {
    const outputs = bias.length;
    const inputs = weight_out_in.length / outputs;
    return { inputs, outputs, weight: Float32Array.from(weight_out_in), bias: Float32Array.from(bias) };
  });
}

function adamAtRest(network: NetworkState): AdamState {
  const zeros = () =>
    network.map((layer) => ({
      ...layer,
      weight: new Float32Array(layer.weight.length),
      bias: new Float32Array(layer.bias.length),
    }));
  return { firstMoment: zeros(), secondMoment: zeros(), step: 0 };
}

function goldenUpdate(json: UpdateJson, file: FileJson): GoldenUpdate {
  const { after } = json;
  return {
    batch: {
      size: file.batch,
      observation: Float32Array.from(json.observation),
      action: Float32Array.from(json.action),
      reward: Float32Array.from(json.reward),
      nextObservation: Float32Array.from(json.nextObservation),
      terminated: Float32Array.from(json.notTerminated, (x) => 1 - x),
    },
    targetNoise: Float32Array.from(json.standardNormal),
    criticLoss: json.criticLoss,
    after: after && {
      actor: networkState(after.actor),
      critic1: networkState(after.critic1),
      critic2: networkState(after.critic2),
      actorTarget: networkState(after.actorTarget),
      critic1Target: networkState(after.critic1Target),
      critic2Target: networkState(after.critic2Target),
    },
  };
}
