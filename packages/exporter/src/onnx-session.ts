import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ExporterError, messageOf } from './errors.ts';
import { inputName, outputName } from './policy-graph.ts';

/** A policy graph in ONNX Runtime, on one thread: for networks of this size more threads only cost. */
export class OnnxSession {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** @throws ExporterError `RUNTIME_FAILED` */
  static async create(bytes: Uint8Array): Promise<OnnxSession> {
    try {
      return new OnnxSession(
        await InferenceSession.create(bytes, {
          intraOpNumThreads: 1,
          interOpNumThreads: 1,
          executionMode: 'sequential',
          logSeverityLevel: 3,
        }),
      );
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
        [inputName]: new Tensor('float32', observations, [count, size]),
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
