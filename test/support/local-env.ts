/** A session of env-server as the trainer's VectorEnv, in this process: what the wire must not change. */
import { type MadeEnv, type MakeEnv, type VectorEnv, wireArguments } from '@gymwire/agent-sdk/parts';
import { createEnvRegistry, type Session, SessionStore } from '@gymwire/env-server';
import {
  type AutoresetMode,
  elementCount,
  GymwireError,
  type SessionOptions,
  type Space,
  type Tensor,
  type ValueDict,
  type VectorStepOptions,
} from '@gymwire/protocol';
import { packNextSeeds } from '@gymwire/protocol/wire';
import { builtinEnvs } from '@gymwire/simulators';
import { pino } from 'pino';

const limits = { maxSessions: 64, maxNumEnvs: 64, maxTotalEnvs: 256, idleTimeoutMs: 600_000 };

/** @param options as a client would send them; `numEnvs` is 1 where it is left out */
export async function makeLocalEnv(options: SessionOptions): Promise<VectorEnv> {
  const store = new SessionStore(createEnvRegistry(builtinEnvs), limits, pino({ level: 'silent' }));
  return new LocalEnv(store, await store.make({ numEnvs: 1, ...options }), options.arguments ?? {});
}

/** What `train` asks for, made here. */
export function localEnvs(autoresetMode: AutoresetMode): MakeEnv {
  return ({ envId, numEnvs, envArguments, maxEpisodeSteps }) =>
    makeLocalEnv({
      envId,
      numEnvs,
      autoresetMode,
      arguments: wireArguments(envArguments),
      ...(maxEpisodeSteps === null ? {} : { maxEpisodeSteps }),
    });
}

class LocalEnv implements VectorEnv {
  readonly envId: string;
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly maxEpisodeSteps: number | undefined;
  readonly made: MadeEnv;
  readonly episodeSeeding = 'with-step';
  readonly #store: SessionStore;
  readonly #session: Session;

  constructor(store: SessionStore, session: Session, given: ValueDict) {
    const { spec, autoresetMode, observationSpace, actionSpace } = session.description;
    this.envId = spec.id;
    this.numEnvs = session.numEnvs;
    this.autoresetMode = autoresetMode;
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
    this.maxEpisodeSteps = spec.maxEpisodeSteps;
    this.made = { arguments: given, maxEpisodeSteps: spec.maxEpisodeSteps ?? 0 };
    this.#store = store;
    this.#session = session;
  }

  async reset(options: Parameters<VectorEnv['reset']>[0] = {}) {
    return this.#session.reset(options);
  }

  async step(actions: Float32Array, { nextSeeds }: VectorStepOptions = {}) {
    const packed = nextSeeds === undefined ? undefined : packNextSeeds(nextSeeds, this.numEnvs);
    return this.#session.step(this.#batch(actions), 0, packed);
  }

  /** Closing the session through its store also stops the timer that reaps idle ones. */
  close() {
    return this.#store.close(this.#session.description.sessionId);
  }

  #batch(actions: Float32Array): Tensor {
    if (this.actionSpace.type !== 'box') throw new Error('expected a Box of actions');
    const shape = [this.numEnvs, ...this.actionSpace.low.shape];
    if (actions.length !== elementCount(shape)) {
      throw new GymwireError('BAD_ACTION', `expected ${elementCount(shape)} numbers, got ${actions.length}`);
    }
    return { dtype: 'float32', shape, data: actions };
  }
}
