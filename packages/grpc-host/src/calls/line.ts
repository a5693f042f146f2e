/** Those who wait for something, in the order in which they came. Who gives up stands in nobody's way. */

/** Something that may end while it waits: a call. */
export interface Ending {
  readonly isOver: boolean;
  /** Calls back when it ends. @returns takes that back */
  onEnd(callback: () => void): () => void;
}

class Line {
  readonly #waiting = new Set<() => void>();

  get length(): number {
    return this.#waiting.size;
  }

  /** @returns whether its turn came; else the call ended before */
  wait(call: Ending): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = call.onEnd(() => {
        this.#waiting.delete(go);
        resolve(false);
      });
      const go = () => {
        leave();
        resolve(true);
      };
      this.#waiting.add(go);
    });
  }

  /** The first one's turn has come. @returns whether there was one */
  next(): boolean {
    const [first] = this.#waiting;
    if (first === undefined) return false;
    this.#waiting.delete(first);
    first();
    return true;
  }
}

/** Room for so many at a time; the others wait in line. */
export class Places {
  readonly #line = new Line();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** @returns gives the place back; undefined where none is free now */
  takeFree(): (() => void) | undefined {
    if (this.#free === 0) return undefined;
    this.#free -= 1;
    return this.#place();
  }

  /** @returns gives the place back; undefined when the call ended before its turn came */
  async take(call: Ending): Promise<(() => void) | undefined> {
    return this.takeFree() ?? ((await this.#line.wait(call)) ? this.#place() : undefined);
  }

  #place(): () => void {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      if (!this.#line.next()) this.#free += 1;
    };
  }
}
