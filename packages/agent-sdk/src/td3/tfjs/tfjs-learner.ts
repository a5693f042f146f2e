import { setImmediate } from 'node:timers/promises';
import {
  add,
  clipByValue,
  mean,
  minimum,
  mul,
  scalar,
  sub,
  type Tensor,
  type Tensor2D,
  tensor2d,
  tidy,
  type Variable,
  valueAndGrads,
  variable,
} from '@tensorflow/tfjs-core';
import { AgentError } from '../../errors.ts';
import { actorWidths, criticWidths } from '../initial-state.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions, LearningRates } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { checkLearnerState, checkUpdate } from '../shape-checks.ts';
import { Adam } from './adam.ts';
import { activateTfjsBackend, loadTfjsBackend } from './backend.ts';
import type { TfjsBackendName } from './backend-names.ts';
import { addLosses, joinColumns, meanSquaredError, negatedMean } from './differentiable.ts';
import { FlatNetworks, forward, type Parameters } from './flat-networks.ts';

/**
 * TD3 as it is written down (Fujimoto, van Hoof and Meger, "Addressing Function Approximation Error in
 * Actor-Critic Methods", 2018, algorithm 1), on tfjs.
 * @param backend `auto` takes the fastest that works on this machine
 * @throws AgentError BACKEND_UNAVAILABLE, SHAPE_MISMATCH
 */
export async function createTfjsLearner(
  options: LearnerOptions,
  initial: LearnerState,
  backend: TfjsBackendName | 'auto' = 'auto',
): Promise<Learner> {
  checkLearnerState(initial, options);
  const learner = new TfjsLearner(options, (await loadTfjsBackend(backend)).name);
  await learner.importState(initial);
  return learner;
}

class TfjsLearner implements Learner {
  readonly description: string;
  readonly #options: LearnerOptions;
  readonly #backend: TfjsBackendName;
  readonly #actor: FlatNetworks;
  readonly #actorTarget: FlatNetworks;
  /** Both critics in one. */
  readonly #critics: FlatNetworks;
  readonly #criticTargets: FlatNetworks;
  readonly #actorAdam: Adam;
  readonly #criticAdam: Adam;
  readonly #metrics: Readonly<Record<'criticLoss' | 'actorLoss' | 'meanQ' | 'meanTarget', Variable>>;
  #gradientSteps = 0;
  #isDisposed = false;

  constructor(options: LearnerOptions, backend: TfjsBackendName) {
    this.description = `tfjs (${backend})`;
    this.#options = options;
    this.#backend = backend;
    this.#activate();
    const ofActor = actorWidths(options);
    const ofCritic = criticWidths(options);
    this.#actor = new FlatNetworks(ofActor, 1);
    this.#actorTarget = new FlatNetworks(ofActor, 1);
    this.#critics = new FlatNetworks(ofCritic, 2);
    this.#criticTargets = new FlatNetworks(ofCritic, 2);
    this.#actorAdam = new Adam(options.actorLearningRate, ofActor, 1);
    this.#criticAdam = new Adam(options.criticLearningRate, ofCritic, 2);
    const metric = () => tidy(() => variable(scalar(Number.NaN)));
    this.#metrics = { criticLoss: metric(), actorLoss: metric(), meanQ: metric(), meanTarget: metric() };
  }

  /** Steps 4 to 15 of 15; 1 to 3 are the replay buffer, the actor and the critics, each with its target. */
  async update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    checkUpdate(batch, targetNoise, this.#options);
    // It will block the thread: what was asked of an environment goes out first, so that both work at once.
    await setImmediate();
    this.#activate();
    const { observationSize, actionSize, gamma, targetPolicyNoise, targetNoiseClip } = this.#options;
    tidy(() => {
      // 4. A batch of transitions.
      const rows = (values: Float32Array, width: number) => tensor2d(values, [batch.size, width]);
      const observation = rows(batch.observation, observationSize);
      const action = rows(batch.action, actionSize);
      const reward = rows(batch.reward, 1);
      const nextObservation = rows(batch.nextObservation, observationSize);
      const notTerminated = sub<Tensor2D>(1, rows(batch.terminated, 1));
      // 5. The target actor plays a' from s'.
      const targetAction = forward(this.#actorTarget.parameters(), nextObservation, 'tanh');
      // 6. Clipped noise on a', then a' clamped to the action range.
      const noise = clamp(mul<Tensor2D>(rows(targetNoise, actionSize), targetPolicyNoise), targetNoiseClip);
      const nextAction = clamp(add<Tensor2D>(targetAction, noise), 1);
      // 7. Both target critics value (s', a').
      const [nextQ1, nextQ2] = values(this.#criticTargets.parameters(), nextObservation, nextAction);
      // 8. The smaller of the two.
      const nextQ = minimum<Tensor2D>(nextQ1, nextQ2);
      // 9. y = r + gamma · (1 − terminated) · min; made outside valueAndGrads, it is a constant.
      const target = add<Tensor2D>(reward, mul(mul(notTerminated, gamma), nextQ));
      const criticStep = valueAndGrads((...critics) => {
        // 10. Both critics value (s, a).
        const [q1, q2] = values(critics, observation, action);
        this.#metrics.meanQ.assign(mean(q1));
        // 11. The loss is MSE(Q1, y) + MSE(Q2, y).
        return addLosses(meanSquaredError(q1, target), meanSquaredError(q2, target));
      })(this.#critics.parameters());
      this.#metrics.meanTarget.assign(mean(target));
      this.#metrics.criticLoss.assign(criticStep.value);
      // 12. Adam on both critics.
      this.#criticAdam.update(this.#critics, criticStep.grads);
      // 13. to 15. with every policyDelay-th update of the critics.
      this.#gradientSteps += 1;
      if (this.#gradientSteps % this.#options.policyDelay === 0) this.#updatePolicy(observation);
    });
  }

  #updatePolicy(observation: Tensor2D): void {
    const { tau } = this.#options;
    // 13. The actor ascends Q1(s, actor(s)).
    const [critic1] = twins(this.#critics.parameters());
    const actorStep = valueAndGrads((...actor) => {
      const action = forward(actor, observation, 'tanh');
      return negatedMean(forward(critic1, joinColumns(observation, action), 'none'));
    })(this.#actor.parameters());
    this.#metrics.actorLoss.assign(actorStep.value);
    this.#actorAdam.update(this.#actor, actorStep.grads);
    // 14. The target actor follows the actor.
    follow(this.#actorTarget, this.#actor, tau);
    // 15. The target critics follow the critics.
    follow(this.#criticTargets, this.#critics, tau);
  }

  async readMetrics(): Promise<LearnerMetrics> {
    this.#activate();
    const read = (metric: Variable) => metric.dataSync()[0];
    return {
      criticLoss: read(this.#metrics.criticLoss),
      actorLoss: read(this.#metrics.actorLoss),
      meanQ: read(this.#metrics.meanQ),
      meanTarget: read(this.#metrics.meanTarget),
      gradientSteps: this.#gradientSteps,
      policyUpdates: Math.floor(this.#gradientSteps / this.#options.policyDelay),
    };
  }

  async actorWeights(): Promise<NetworkState> {
    this.#activate();
    return one(this.#actor.exportState());
  }

  async exportState(): Promise<LearnerState> {
    this.#activate();
    return {
      actor: one(this.#actor.exportState()),
      actorTarget: one(this.#actorTarget.exportState()),
      critics: two(this.#critics.exportState()),
      criticTargets: two(this.#criticTargets.exportState()),
      actorAdam: one(this.#actorAdam.exportState()),
      criticAdams: two(this.#criticAdam.exportState()),
      gradientSteps: this.#gradientSteps,
    };
  }

  async importState(state: LearnerState): Promise<void> {
    checkLearnerState(state, this.#options);
    this.#activate();
    this.#criticAdam.importState(state.criticAdams);
    this.#actorAdam.importState([state.actorAdam]);
    this.#actor.importState([state.actor]);
    this.#actorTarget.importState([state.actorTarget]);
    this.#critics.importState(state.critics);
    this.#criticTargets.importState(state.criticTargets);
    this.#gradientSteps = state.gradientSteps;
  }

  async setLearningRates({ actor, critic }: LearningRates): Promise<void> {
    this.#activate();
    this.#actorAdam.learningRate = actor;
    this.#criticAdam.learningRate = critic;
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const networks = [this.#actor, this.#actorTarget, this.#critics, this.#criticTargets];
    const held = [...networks, this.#actorAdam, this.#criticAdam, ...Object.values(this.#metrics)];
    for (const holder of held) holder.dispose();
  }

  /** Other learners in this thread may have made another backend the active one. */
  #activate(): void {
    if (this.#isDisposed) throw new AgentError('DISPOSED', `${this.description}: used after dispose()`);
    activateTfjsBackend(this.#backend);
  }
}

/** The parameters of the first critic and of the second. */
function twins(critics: Parameters): [Parameters, Parameters] {
  return [critics.slice(0, critics.length / 2), critics.slice(critics.length / 2)];
}

/** Q1 and Q2, each [n, 1]. */
function values(critics: Parameters, observation: Tensor2D, action: Tensor2D): [Tensor2D, Tensor2D] {
  const [critic1, critic2] = twins(critics);
  const input = joinColumns(observation, action);
  return [forward(critic1, input, 'none'), forward(critic2, input, 'none')];
}

function clamp(x: Tensor2D, limit: number): Tensor2D {
  return clipByValue(x, -limit, limit);
}

/** target ← tau · online + (1 − tau) · target */
function follow(target: FlatNetworks, online: FlatNetworks, tau: number): void {
  target.assign(add<Tensor>(mul(online.values, tau), mul(target.values, 1 - tau)));
}

function one<T>(items: readonly T[]): T {
  return items[0];
}

function two<T>(items: readonly T[]): readonly [T, T] {
  return [items[0], items[1]];
}
