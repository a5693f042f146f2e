import type { MakeEnv, VectorEnv } from '@gymwire/agent-sdk/parts';

/** Lets steps pass and counts them; when it is closed, the next one waits. */
export class Gate {
  #left: number;
  #open: (() => void) | undefined;
  #closed: Promise<void> | undefined;
  #onClosed: (() => void) | undefined;

  /** @param freeSteps how many pass before it is closed for the first time */
  constructor(freeSteps: number) {
    this.#left = freeSteps;
  }

  /** Resolves when a step waits. */
  closed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed === undefined) this.#onClosed = resolve;
      else resolve();
    });
  }

  /** Lets `count` more steps pass; resolves when the one after them waits. */
  pass(count: number): Promise<void> {
    this.#left = count;
    this.#closed = undefined;
    const closed = this.closed();
    this.#open?.();
    return closed;
  }

  /** Guards the one of a run's environments that is for training: each step of it has to pass. */
  guardTraining(makeEnv: MakeEnv): MakeEnv {
    return async (request) => {
      const env = await makeEnv(request);
      return request.purpose === 'training' ? this.guard(env) : env;
    };
  }

  /** The environment, each step of which has to pass. */
  guard(env: VectorEnv): VectorEnv {
    const wait = async (): Promise<void> => {
      this.#closed = new Promise((resolve) => {
        this.#open = resolve;
      });
      this.#onClosed?.();
      await this.#closed;
    };
    const { envId, numEnvs, autoresetMode, observationSpace, actionSpace, maxEpisodeSteps, made } = env;
    const { episodeSeeding } = env;
    return {
      envId,
      numEnvs,
      autoresetMode,
      observationSpace,
      actionSpace,
      maxEpisodeSteps,
      made,
      episodeSeeding,
      reset: (options) => env.reset(options),
      step: (actions, options) => {
        if (this.#left-- > 0) return env.step(actions, options);
        return wait().then(() => {
          this.#left--;
          return env.step(actions, options);
        });
      },
      close: () => env.close(),
    };
  }
}
