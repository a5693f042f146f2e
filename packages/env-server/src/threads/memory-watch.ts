/** How much memory the JavaScript of one thread holds, arrays included: the heap's limit knows nothing of those. */
import { getHeapStatistics } from 'node:v8';

const lookEveryMs = 100;
const bytesPerMb = 2 ** 20;

export class MemoryWatch {
  readonly #maxMb: number | undefined;
  #lookedAt = performance.now();

  constructor(maxMb: number | undefined) {
    this.#maxMb = maxMb;
  }

  /** Cheap enough for every step. @throws Error when it is too much */
  look(): void {
    if (this.#maxMb === undefined || performance.now() - this.#lookedAt < lookEveryMs) return;
    this.#lookedAt = performance.now();
    const { used_heap_size, external_memory } = getHeapStatistics();
    const usedMb = Math.round((used_heap_size + external_memory) / bytesPerMb);
    if (usedMb > this.#maxMb) throw new Error(tooMuchMemory(usedMb, this.#maxMb));
  }
}

export function tooMuchMemory(usedMb: number, maxMb: number): string {
  return `it holds ${usedMb} MB of memory, more than the ${maxMb} of maxMemoryMb (--max-memory-mb)`;
}
