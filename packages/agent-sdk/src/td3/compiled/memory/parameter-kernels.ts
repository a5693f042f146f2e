import { parameterKernels } from '../../../generated/parameter-kernels.ts';

/** The part of WebAssembly's JavaScript API that is used here; TypeScript has it in its library for browsers only. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly host: { readonly memory: object } },
  ) => { readonly exports: Functions };
};

/** See parameter-kernels.wat. */
interface Functions {
  readonly adam: (...operands: number[]) => void;
  readonly blend: (...operands: number[]) => void;
}

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/** Moments below this change no weight any more. */
const negligible = 1e-30;

const pageBytes = 65_536;
/** Large arrays begin at whole cache lines: passes over straddling vectors take 4 % longer. */
const cacheLineBytes = 64;

/** Memory, and the functions in WebAssembly that work on the arrays in it. */
export class ParameterKernels {
  readonly #functions: Functions;
  readonly #buffer: ArrayBuffer;
  readonly #negligible: number;
  #used = 0;

  /**
   * Reserves the memory, all zeros.
   * @param byteLength of all arrays, with room for their alignment
   * @param keepDenormals leave moments to decay
   */
  constructor(byteLength: number, keepDenormals: boolean) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(byteLength / pageBytes) });
    const module = new WebAssembly.Module(Buffer.from(parameterKernels, 'base64'));
    this.#functions = new WebAssembly.Instance(module, { host: { memory } }).exports;
    this.#buffer = memory.buffer;
    // No moment is smaller in absolute value than nothing.
    this.#negligible = keepDenormals ? -1 : negligible;
  }

  /** Bytes that an array takes, alignment included. */
  static byteLengthOf(length: number): number {
    return Math.ceil((length * Float32Array.BYTES_PER_ELEMENT) / cacheLineBytes) * cacheLineBytes;
  }

  /** Zeros. @throws RangeError where `byteLength` was too small */
  allocate(length: number): Float32Array<ArrayBuffer> {
    const values = new Float32Array(this.#buffer, this.#used, length);
    this.#used += ParameterKernels.byteLengthOf(length);
    return values;
  }

  /**
   * One step of Adam, in place. All arrays are of this memory.
   * @param step which one, from 1
   */
  adam(
    parameters: Float32Array,
    firstMoment: Float32Array,
    secondMoment: Float32Array,
    gradient: Float32Array,
    learningRate: number,
    step: number,
  ): void {
    const rootCorrection = Math.sqrt(1 - beta2 ** step);
    this.#functions.adam(
      parameters.byteOffset,
      firstMoment.byteOffset,
      secondMoment.byteOffset,
      gradient.byteOffset,
      parameters.length,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      (learningRate * rootCorrection) / (1 - beta1 ** step),
      epsilon * rootCorrection,
      this.#negligible,
    );
  }

  /** target ← tau · online + (1 − tau) · target, in place. */
  follow(target: Float32Array, online: Float32Array, tau: number): void {
    this.#functions.blend(target.byteOffset, online.byteOffset, target.length, 1 - tau, tau);
  }
}
