import {
  type AutoresetMode,
  type BatchSpec,
  type EnvSpec,
  type Frame,
  GymwireError,
  optionsFault,
  type ServerDescription,
  type Space,
  type Value,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepOptions,
  type VectorStepResult,
} from '@gymwire/protocol';
import {
  decodeResetResult,
  decodeStepResponse,
  encodeResetOptions,
  packNextSeeds,
} from '@gymwire/protocol/wire';
import type { EpisodeSeeding, MadeEnv, VectorEnv } from '../rollout/vector-env.ts';
import { type Action, encodeAction } from './action-encoding.ts';
import { checkNames } from './connect-options.ts';
import { closeWhenDropped } from './dropped-sessions.ts';
import { checkResetNames, renderFrame } from './env-client.ts';
import { stepSeeds } from './handshake.ts';
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
  /**
   * `with-step` where the server has the capability `step-seeds`; of a batch simulator `by-reset` where it takes masks and seeds
   * together, and else absent.
   */
  readonly episodeSeeding: EpisodeSeeding | undefined;
  readonly #session: RemoteSession;
  #wireMs = 0;

  constructor(session: RemoteSession, { capabilities }: ServerDescription) {
    const { description } = session;
    this.spec = description.spec;
    this.numEnvs = description.numEnvs ?? 1;
    this.autoresetMode = description.autoresetMode;
    this.observationSpace = description.observationSpace;
    this.actionSpace = description.actionSpace;
    this.made = describeMade(session.options, description.spec);
    this.episodeSeeding = seedingOf(description.spec, capabilities.includes(stepSeeds));
    this.#session = session;
    closeWhenDropped(this, session);
  }

  get envId(): string {
    return this.spec.id;
  }

  get batch(): BatchSpec | undefined {
    return this.spec.batch;
  }

  get maxEpisodeSteps(): number | undefined {
    return this.spec.maxEpisodeSteps;
  }

  /** Milliseconds that making requests of steps and reading their replies took so far. */
  get wireMs(): number {
    return this.#wireMs;
  }

  async reset(options: VectorResetOptions = {}): Promise<VectorResetResult> {
    checkResetNames(options, ['seed', 'seeds', 'mask', 'options']);
    return decodeResetResult(await this.#session.reset(encodeResetOptions(options)), this.numEnvs);
  }

  /**
   * Steps all environments once.
   * @param actions for a Box: [numEnvs, …shape] numbers in C order, environment units
   * @throws GymwireError UNSUPPORTED for `nextSeeds` where the server has not the capability `step-seeds`,
   * INVALID_ARGUMENT where the session does not reset by itself, and for another number of them …
   */
  async step(actions: Action, options?: VectorStepOptions): Promise<VectorStepResult> {
    const begun = performance.now();
    const value = encodeAction(this.actionSpace, actions, this.numEnvs);
    const nextSeeds = options === undefined ? undefined : this.#nextSeeds(options);
    const reply = this.#session.step(value, nextSeeds);
    this.#wireMs += performance.now() - begun;
    const response = await reply;
    const arrived = performance.now();
    const step = decodeStepResponse(response, this.numEnvs);
    this.#wireMs += performance.now() - arrived;
    return step;
  }

  render(envIndex = 0): Promise<Frame> {
    return renderFrame(this.#session, envIndex);
  }

  /**
   * Calls a method that the spec lists, of each environment with the same arguments; results in order.
   * @throws GymwireError UNSUPPORTED for one that is not listed, ENV_FAILED with the first fault of theirs …
   */
  async call(name: string, args: readonly Value[] = [], options: CallOptions = {}): Promise<Value[]> {
    checkNames('call', options, ['keywordArguments', 'envIndices'], '{ envIndices: [0] }');
    return callMethod(this.#session, name, args, options);
  }

  /** Reads an attribute that the spec lists, of each environment. @throws as `call` */
  async read(name: string, selection: Selection = {}): Promise<Value[]> {
    checkNames('read', selection, ['envIndices'], '{ envIndices: [0] }');
    return readAttribute(this.#session, name, selection);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #nextSeeds(options: VectorStepOptions): BigUint64Array | undefined {
    const fault = optionsFault('step', options, ['nextSeeds'], '{ nextSeeds: [1, 2] }');
    if (fault !== undefined) throw new GymwireError('INVALID_ARGUMENT', fault);
    const { nextSeeds } = options;
    if (nextSeeds === undefined) return undefined;
    if (this.episodeSeeding === 'with-step') return packNextSeeds(nextSeeds, this.numEnvs);
    if (this.batch !== undefined) {
      throw new GymwireError(
        'UNSUPPORTED',
        `step: nextSeeds: ${this.envId} is a batch simulator, whose steps take none`,
      );
    }
    throw new GymwireError(
      'UNSUPPORTED',
      'step: nextSeeds: this server is older than seeds with a step (it has not the capability step-seeds): reset with a mask and seeds instead',
    );
  }
}

function seedingOf({ batch }: EnvSpec, serverHasStepSeeds: boolean): EpisodeSeeding | undefined {
  if (batch === undefined) return serverHasStepSeeds ? 'with-step' : 'by-reset';
  return batch.masks && batch.seeding === 'reset' ? 'by-reset' : undefined;
}
