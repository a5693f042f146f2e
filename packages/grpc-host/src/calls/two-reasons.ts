/** A stream that is read only as long as both want it: who listens to it, and who stands between. */
import type { Readable } from 'node:stream';

/**
 * Takes the place of a stream's own `pause` and `resume`. Two that pause one stream would undo each other's pauses: gRPC pauses
 * while a message has not been asked for, and whoever holds a chunk back must not have it go on.
 */
export class TwoReasons {
  readonly #pause: () => void;
  readonly #resume: () => void;
  readonly #told: (isReading: boolean) => void;
  #isWanted = true;
  #isHeld = false;

  /** @param told when what is read changes */
  constructor(stream: Readable, told: (isReading: boolean) => void) {
    const { pause, resume } = stream;
    this.#pause = () => void Reflect.apply(pause, stream, []);
    this.#resume = () => void Reflect.apply(resume, stream, []);
    this.#told = told;
    stream.pause = () => {
      this.#isWanted = false;
      this.#update();
      return stream;
    };
    stream.resume = () => {
      this.#isWanted = true;
      this.#update();
      return stream;
    };
  }

  get isReading(): boolean {
    return this.#isWanted && !this.#isHeld;
  }

  hold(): void {
    this.#isHeld = true;
    this.#update();
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#update();
  }

  #update(): void {
    if (this.isReading) this.#resume();
    else this.#pause();
    this.#told(this.isReading);
  }
}
