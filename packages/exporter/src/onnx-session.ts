import type { InferenceSession } from 'onnxruntime-node';
import { ExporterError, messageOf } from './errors.ts';
import { inputName, outputName } from './policy-graph.ts';

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
        logSeverityLevel: 3,
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
   * @returns row-major [count, action size]
   */
  async run(observations: Float32Array, count: number): Promise<Float32Array> {
    try {
      const size = observations.length / count;
      const results = await this.#session.run({
        [inputName]: new this.#runtime.Tensor('float32', observations, [count, size]),
      });
      const data = results[outputName]?.data;
      if (data instanceof Float32Array) return data;
      throw new Error(`the model has no float32 output "${outputName}"`);
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
