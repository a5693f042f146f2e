/** Simulations on a machine, a server's or a page: what of it loads MuJoCo, compiles models and draws is handed in. */
import type { Env, MaybePromise } from '@gymwire/env';
import type { Frame } from '@gymwire/protocol';
import { type DrawJob, drawHere } from '../render/draw-job.ts';
import { compileModel, placeOfText } from './compile-model.ts';
import type { CompileText } from './compiled-models.ts';
import { type MujocoTask, makeTaskEnv } from './make-task-env.ts';
import { ModelStore } from './model-store.ts';
import type { ModelSource } from './mujoco-model.ts';
import type { MujocoModule } from './mujoco-module.ts';
import { MujocoSimulation } from './mujoco-simulation.ts';

export interface MujocoMachine {
  /** Loads MuJoCo (`loadMujoco`); asked once, when the first model is made. */
  readonly load: () => Promise<object>;
  /** Compiles a text to MuJoCo's binary format; default: in this thread. */
  readonly compile?: CompileText;
  /** Draws a picture; default: in this thread. */
  readonly draw?: (job: DrawJob) => MaybePromise<Frame>;
}

/** MuJoCo with its models, which simulations share. */
export class MujocoEngine {
  readonly draw: (job: DrawJob) => MaybePromise<Frame>;
  readonly #models: ModelStore;

  constructor({ load, compile, draw = drawHere }: MujocoMachine) {
    let loading: Promise<MujocoModule> | undefined;
    const loadOnce = () => {
      loading ??= load() as Promise<MujocoModule>;
      return loading;
    };
    const compileHere: CompileText = async (name, text) =>
      compileModel(await loadOnce(), name, placeOfText(text));
    this.draw = draw;
    this.#models = new ModelStore(loadOnce, compile ?? compileHere);
  }

  /**
   * Sets a model in motion by itself, for code that needs no environment.
   * @param frameSkip physics steps of one `advance`
   * @throws GymwireError ENV_FAILED when MuJoCo cannot load the model or has no memory left
   */
  async createSimulation(source: ModelSource, frameSkip: number): Promise<MujocoSimulation> {
    const lease = await this.#models.lease(source);
    try {
      return new MujocoSimulation(lease, frameSkip);
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  /**
   * Makes an environment from a model and a reward. Actions are the model's controls, in the range that the model gives its
   * actuators; observations are float64 of shape [n].
   * @throws GymwireError ENV_FAILED with MuJoCo's message and line when the model is wrong,
   *   INVALID_ARGUMENT for a bad frameSkip or a model without actuators
   */
  createEnv(task: MujocoTask): Promise<Env> {
    return makeTaskEnv(this, task);
  }
}
