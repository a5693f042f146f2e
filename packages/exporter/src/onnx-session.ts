import { runInThisContext } from 'node:vm';
import type { InferenceSession } from 'onnxruntime-node';
import { ExporterError, messageOf } from './errors.ts';
import { fromHalf, toHalf } from './half-float.ts';
import { inputName, outputName } from './policy-graph.ts';

export type EndType = 'float16' | 'float32' | 'float64';

/** What a model takes and gives. */
export interface ModelEnds {
  readonly input: { readonly name: string; readonly type: EndType };
  readonly output: { readonly name: string; readonly type: EndType };
}

const policyEnds: ModelEnds = {
  input: { name: inputName, type: 'float32' },
  output: { name: outputName, type: 'float32' },
};

type OnnxRuntime = typeof import('onnxruntime-node');

/** Node's own realm. Jest and the like run modules in another one, whose classes are not Node's. */
const nodes = runInThisContext('({ process, Float32Array, Float64Array, Uint16Array })') as Readonly<{
  process: NodeJS.Process;
  Float32Array: Float32ArrayConstructor;
  Float64Array: Float64ArrayConstructor;
  Uint16Array: Uint16ArrayConstructor;
}>;

/** Loaded when it is first needed: its native library is not to be had on every platform. */
async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    if (nodes.Float32Array === Float32Array) return await import('onnxruntime-node');
    // Its native code makes arrays of Node's realm, which its own checks refuse when they were loaded into another.
    const { createRequire } = nodes.process.getBuiltinModule('node:module');
    return createRequire(import.meta.url)('onnxruntime-node') as OnnxRuntime;
  } catch (cause) {
    throw new ExporterError('RUNTIME_FAILED', `onnxruntime-node does not load: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** A policy graph in ONNX Runtime, on one thread: for networks of this size more threads only cost. */
export class OnnxSession {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;

  private constructor(runtime: OnnxRuntime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  /** @throws ExporterError `RUNTIME_FAILED` */
  static async create(bytes: Uint8Array): Promise<OnnxSession> {
    const runtime = await loadOnnxRuntime();
    try {
      const session = await runtime.InferenceSession.create(bytes, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        // What it logs, it also throws.
        logSeverityLevel: 4,
      });
      return new OnnxSession(runtime, session);
    } catch (cause) {
      throw new ExporterError('RUNTIME_FAILED', `ONNX Runtime refused the model: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  /**
   * @param observations row-major [count, observation size]; read after this call returns, so not to be
   * written to before the promise settles
   * @param ends of the model
   * @returns row-major [count, action size]
   */
  async run(observations: Float32Array, count: number, ends: ModelEnds = policyEnds): Promise<Float32Array> {
    const { input, output } = ends;
    const { Tensor: OrtTensor } = this.#runtime;
    const dims = [count, observations.length / count];
    try {
      const given = new OrtTensor(input.type, nodeView(encoders[input.type](observations)), dims);
      const results = await this.#session.run({ [input.name]: given });
      const actions = decode(results[output.name]?.data, output.type);
      if (actions !== undefined) return actions;
      throw new Error(`the model has no ${output.type} output "${output.name}"`);
    } catch (cause) {
      throw new ExporterError('RUNTIME_FAILED', `ONNX Runtime could not run the model: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** The same memory by a class of Node's realm; mostly the very array. */
function nodeView(array: EndArray): EndArray {
  if (nodes.Float32Array === Float32Array) return array;
  const { buffer, byteOffset, length } = array;
  if (array instanceof Float32Array) return new nodes.Float32Array(buffer, byteOffset, length);
  if (array instanceof Float64Array) return new nodes.Float64Array(buffer, byteOffset, length);
  return new nodes.Uint16Array(buffer, byteOffset, length);
}

type EndArray = Float32Array | Float64Array | Uint16Array;

const encoders: Readonly<Record<EndType, (values: Float32Array) => EndArray>> = {
  float16: toHalf,
  float32: (values) => values,
  float64: (values) => Float64Array.from(values),
};

/** In this realm's class. */
function decode(values: unknown, type: EndType): Float32Array | undefined {
  if (values instanceof Float32Array) return values;
  if (!ArrayBuffer.isView(values)) return undefined;
  const { buffer, byteOffset, byteLength } = values;
  // Uint16Array, or Float16Array where the platform has it.
  if (type === 'float16') return fromHalf(new Uint16Array(buffer, byteOffset, byteLength / 2));
  if (type === 'float64') return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8));
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}
