import type { InferenceSession, Tensor } from 'onnxruntime-node';
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

/** Loaded when it is first needed: its native library is not to be had on every platform. */
async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
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
   * @param ends names and types of the model's input and output
   * @returns row-major [count, action size]
   */
  async run(observations: Float32Array, count: number, ends: ModelEnds = policyEnds): Promise<Float32Array> {
    try {
      const { input, output } = ends;
      const dims = [count, observations.length / count];
      const results = await this.#session.run({
        [input.name]: this.#tensorOf(observations, dims, input.type),
      });
      const data = results[output.name]?.data;
      const isHalf = output.type === 'float16';
      if (data instanceof Float32Array) return data;
      if (data instanceof Float64Array) return Float32Array.from(data);
      // Uint16Array, or Float16Array where the platform has it.
      if (isHalf && ArrayBuffer.isView(data)) {
        return fromHalf(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2));
      }
      throw new Error(`the model has no ${output.type} output "${output.name}"`);
    } catch (cause) {
      throw new ExporterError('RUNTIME_FAILED', `ONNX Runtime could not run the model: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  #tensorOf(values: Float32Array, dims: number[], type: EndType): Tensor {
    const { Tensor: OrtTensor } = this.#runtime;
    if (type === 'float64') return new OrtTensor('float64', Float64Array.from(values), dims);
    return type === 'float16'
      ? new OrtTensor('float16', toHalf(values), dims)
      : new OrtTensor('float32', values, dims);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
