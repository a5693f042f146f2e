import { GymwireError } from '@gymwire/protocol';
import { isPlaceGone } from '../../env-client/recovery.ts';
import { isEpisodeLoss, type VectorEnv } from '../../rollout/vector-env.ts';
import type { MakeEnv } from '../train-request.ts';
import type { OpenedRequest } from './open-request.ts';

/** Where evaluations are played: at a server of their own, and where training is once that one is gone. */
export class EvaluationPlace {
  #env: VectorEnv;
  #server: OpenedRequest['evaluationServer'];
  readonly #signal: AbortSignal | undefined;
  readonly #make: (make: MakeEnv) => Promise<VectorEnv>;

  /** @param make has the environments of an evaluation made and checked */
  constructor(
    env: VectorEnv,
    { evaluationServer, signal }: Pick<OpenedRequest, 'evaluationServer' | 'signal'>,
    make: (make: MakeEnv) => Promise<VectorEnv>,
  ) {
    this.#env = env;
    this.#server = evaluationServer;
    this.#signal = signal;
    this.#make = make;
  }

  /**
   * Plays an evaluation. One whose server goes away meanwhile is played again where training is, as are those after it: the same
   * episodes of the same actor, so that it finds the same.
   * @throws what the evaluation throws; GymwireError naming the server of evaluations where it is gone and nothing can stand in
   */
  async play<T>(evaluation: (env: VectorEnv) => Promise<T>): Promise<T> {
    try {
      return await evaluation(this.#env);
    } catch (error) {
      const server = this.#server;
      if (server === undefined || this.#signal?.aborted === true || !isGone(error)) throw error;
      this.#server = undefined;
      const lost = `the server of evaluations, ${server.address}, is lost: ${error.message}`;
      await server.tell(`${lost}; this evaluation and those after it are played where training is`);
      this.#env = await this.#standIn(server.standIn, lost);
      return evaluation(this.#env);
    }
  }

  async #standIn(make: MakeEnv, lost: string): Promise<VectorEnv> {
    try {
      return await this.#make(make);
    } catch (error) {
      if (!(error instanceof GymwireError)) throw error;
      const { code, message, details, origin } = error;
      const both = `${lost}; where training is, its evaluation cannot be played either: ${message}`;
      throw new GymwireError(code, both, { cause: error, details, origin });
    }
  }
}

/** Episodes that are lost again and again are those of a server that comes and goes. */
function isGone(error: unknown): error is GymwireError {
  return error instanceof GymwireError && (isPlaceGone(error) || isEpisodeLoss(error));
}
