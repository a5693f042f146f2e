import {
  type EnvSpec,
  type Frame,
  GymwireError,
  type Info,
  type ResetResult,
  type Seed,
  type Space,
  type StepResult,
  type Value,
} from '@gymwire/protocol';
import {
  decodeResetResult,
  decodeStepResponse,
  decodeTensor,
  encodeResetOptions,
} from '@gymwire/protocol/wire';
import { type Action, encodeAction } from './action-encoding.ts';
import { checkNames } from './connect-options.ts';
import { closeWhenDropped } from './dropped-sessions.ts';
import { type CallOptions, callMethod, readAttribute } from './listed-members.ts';
import type { RemoteSession } from './remote-session.ts';

type KeywordArguments = Pick<CallOptions, 'keywordArguments'>;

/** One remote environment, shaped like Gymnasium's Env. Made by `EnvConnection.make`. */
export class EnvClient {
  /** What it is, with the arguments that it was made with as defaults, and its own time limit. */
  readonly spec: EnvSpec;
  /** What its observations are. */
  readonly observationSpace: Space;
  /** What its actions are. */
  readonly actionSpace: Space;
  readonly #session: RemoteSession;

  constructor(session: RemoteSession) {
    const { description } = session;
    this.spec = description.spec;
    this.observationSpace = description.observationSpace;
    this.actionSpace = description.actionSpace;
    this.#session = session;
    closeWhenDropped(this, session);
  }

  /**
   * Starts an episode. Without a seed the environment's random stream goes on.
   * @throws GymwireError ENV_FAILED, INVALID_ARGUMENT, SERVER_UNAVAILABLE …
   */
  async reset(options: { readonly seed?: Seed; readonly options?: Info } = {}): Promise<ResetResult> {
    checkResetNames(options, ['seed', 'options']);
    const { observation, infos } = decodeResetResult(
      await this.#session.reset(encodeResetOptions(options)),
      1,
    );
    return { observation, info: infos.get(0) ?? {} };
  }

  /**
   * Takes one step.
   * @param action a list of numbers for a Box of any shape, in C order, or a value of the action space
   * @throws GymwireError NOT_RESET, EPISODE_LOST, BAD_ACTION, NON_FINITE_ACTION, ACTION_OUT_OF_BOUNDS, ENV_FAILED …
   */
  async step(action: Action): Promise<StepResult> {
    const value = encodeAction(this.actionSpace, action);
    const { observation, rewards, terminated, truncated, infos } = decodeStepResponse(
      await this.#session.step(value),
      1,
    );
    return {
      observation,
      reward: rewards[0],
      terminated: terminated[0],
      truncated: truncated[0],
      info: infos.get(0) ?? {},
    };
  }

  /** Draws the current state; the session must have been made with a render mode. */
  async render(): Promise<Frame> {
    return renderFrame(this.#session, 0);
  }

  /**
   * Calls a method that the spec lists, with the session's other requests in order and once at most.
   * @throws GymwireError UNSUPPORTED for one that is not listed, ENV_FAILED with the method's own message …
   */
  async call(name: string, args: readonly Value[] = [], options: KeywordArguments = {}): Promise<Value> {
    checkNames('call', options, ['keywordArguments'], '{ keywordArguments }');
    const [result = null] = await callMethod(this.#session, name, args, options);
    return result;
  }

  /** Reads an attribute that the spec lists. @throws as `call` */
  async read(name: string): Promise<Value> {
    const [value = null] = await readAttribute(this.#session, name, {});
    return value;
  }

  /** Closes the environment and its session on the server. */
  close(): Promise<void> {
    return this.#session.close();
  }
}

/** In JavaScript a misspelt seed would be none. @throws GymwireError INVALID_ARGUMENT */
export function checkResetNames(options: object, known: readonly string[]): void {
  checkNames('reset', options, known, '{ seed: 1 }');
}

/** One rgb picture of one environment of a session. */
export async function renderFrame(session: RemoteSession, envIndex: number): Promise<Frame> {
  // Protocol buffers would make 0 of 0.5, and of NaN.
  if (!Number.isInteger(envIndex) || envIndex < 0 || envIndex >= 2 ** 32) {
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `render: expected the index of an environment, got ${envIndex}`,
    );
  }
  const { frame } = await session.render(envIndex);
  if (frame === null) throw new GymwireError('MALFORMED', 'render: the reply carries no frame');
  const { data, shape, dtype } = decodeTensor(frame, 'frame');
  if (!(data instanceof Uint8Array) || shape.length !== 3 || shape[2] !== 3) {
    throw new GymwireError(
      'MALFORMED',
      `frame: expected uint8 [height, width, 3], got ${dtype} [${shape.join(', ')}]`,
    );
  }
  return { height: shape[0], width: shape[1], data };
}
