import {
  type AutoresetMode,
  type EnvSpec,
  type Frame,
  type Space,
  type Value,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from '@gymwire/protocol';
import { decodeResetResult, decodeStepResponse, encodeResetOptions } from '@gymwire/protocol/wire';
import type { MadeEnv, VectorEnv } from '../rollout/vector-env.ts';
import { type Action, encodeAction } from './action-encoding.ts';
import { closeWhenDropped } from './dropped-sessions.ts';
import { checkResetNames, renderFrame } from './env-client.ts';
import { type CallOptions, callMethod, readAttribute, type Selection } from './listed-members.ts';
import { describeMade } from './make-session.ts';
import type { RemoteSession } from './remote-session.ts';

/** `numEnvs` remote environments that are stepped together. Made by `EnvConnection.makeVector`. */
export class VectorEnvClient implements VectorEnv {
  readonly spec: EnvSpec;
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly made: MadeEnv;
  readonly #session: RemoteSession;

  constructor(session: RemoteSession) {
    const { description } = session;
    this.spec = description.spec;
    this.numEnvs = description.numEnvs ?? 1;
    this.autoresetMode = description.autoresetMode;
    this.observationSpace = description.observationSpace;
    this.actionSpace = description.actionSpace;
    this.made = describeMade(session.options, description.spec);
    this.#session = session;
    closeWhenDropped(this, session);
  }

  get envId(): string {
    return this.spec.id;
  }

  get maxEpisodeSteps(): number | undefined {
    return this.spec.maxEpisodeSteps;
  }

  async reset(options: VectorResetOptions = {}): Promise<VectorResetResult> {
    checkResetNames(options, ['seed', 'seeds', 'mask', 'options']);
    return decodeResetResult(await this.#session.reset(encodeResetOptions(options)));
  }

  /** @param actions for a Box: [numEnvs, …shape] numbers in C order, environment units */
  async step(actions: Action): Promise<VectorStepResult> {
    const value = encodeAction(this.actionSpace, actions, this.numEnvs);
    return decodeStepResponse(await this.#session.step(value), this.numEnvs);
  }

  render(envIndex = 0): Promise<Frame> {
    return renderFrame(this.#session, envIndex);
  }

  /**
   * Calls a method that the spec lists, of each environment with the same arguments; results in order.
   * @throws GymwireError UNSUPPORTED for one that is not listed, ENV_FAILED with the first fault of theirs …
   */
  call(name: string, args: readonly Value[] = [], options: CallOptions = {}): Promise<Value[]> {
    return callMethod(this.#session, name, args, options);
  }

  /** Reads an attribute that the spec lists, of each environment. @throws as `call` */
  read(name: string, selection: Selection = {}): Promise<Value[]> {
    return readAttribute(this.#session, name, selection);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
