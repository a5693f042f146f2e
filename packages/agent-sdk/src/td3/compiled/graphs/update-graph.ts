import { encodeModel, type OnnxModel } from '@gymwire/onnx-graph';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { nodeView, type OnnxRuntime, sessionOptions } from './onnx-runtime.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** One traced graph, bound to the arrays that it reads and fills: a run allocates and copies nothing. */
export class UpdateGraph {
  readonly #session: InferenceSession;
  readonly #feeds: Tensors;
  readonly #fetches: Tensors;

  private constructor(session: InferenceSession, feeds: Tensors, fetches: Tensors) {
    this.#session = session;
    this.#feeds = feeds;
    this.#fetches = fetches;
  }

  /**
   * Makes a session of the model and binds the arrays to it.
   * @param arrays for every input and output of the model, by name
   * @param profilePrefix where onnxruntime writes a profile at the end; absent: none
   */
  static async create(
    runtime: OnnxRuntime,
    model: OnnxModel,
    arrays: Readonly<Record<string, Float32Array>>,
    profilePrefix?: string,
  ): Promise<UpdateGraph> {
    const profiling =
      profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix };
    const settings = { ...sessionOptions, ...profiling };
    const session = await runtime.InferenceSession.create(encodeModel(model), settings);
    const bind = (values: OnnxModel['inputs']): Tensors =>
      Object.fromEntries(
        values.map(({ name, shape }) => {
          const array = arrays[name];
          if (array === undefined) throw new RangeError(`no array for "${name}"`);
          return [name, new runtime.Tensor('float32', nodeView(array), shape.map(Number))];
        }),
      );
    return new UpdateGraph(session, bind(model.inputs), bind(model.outputs));
  }

  async run(): Promise<void> {
    await this.#session.run(this.#feeds, this.#fetches);
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
