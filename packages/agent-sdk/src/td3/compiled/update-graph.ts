import { encodeModel, type OnnxModel } from '@gymwire/onnx-graph';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Bank } from './bank.ts';
import { type OnnxRuntime, sessionOptions } from './onnx-runtime.ts';

type Tensors = Record<string, Tensor>;

interface Binding {
  readonly feeds: Tensors;
  readonly fetches: Tensors;
}

/** One traced graph, bound to the banks it reads and the bank it replaces. */
export class UpdateGraph {
  readonly #session: InferenceSession;
  readonly #fixed: Readonly<Tensors>;
  readonly #reads: readonly Bank[];
  readonly #replaces: Bank;
  /** Feeds and fetches for every state of the banks' fronts. */
  readonly #bindings = new Map<number, Binding>();

  private constructor(
    session: InferenceSession,
    fixed: Readonly<Tensors>,
    reads: readonly Bank[],
    replaces: Bank,
  ) {
    this.#session = session;
    this.#fixed = fixed;
    this.#reads = reads;
    this.#replaces = replaces;
  }

  /**
   * @param fixed tensors that are the same at every run: the batch, the schedules, the metrics
   * @param reads banks whose fronts are inputs
   * @param replaces the bank whose back is written, all of it
   * @param profilePrefix where onnxruntime writes a profile at the end; absent: none
   */
  static async create(
    runtime: OnnxRuntime,
    model: OnnxModel,
    fixed: Readonly<Tensors>,
    reads: readonly Bank[],
    replaces: Bank,
    profilePrefix?: string,
  ): Promise<UpdateGraph> {
    const profiling =
      profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix };
    const settings = { ...sessionOptions, ...profiling };
    const session = await runtime.InferenceSession.create(encodeModel(model), settings);
    return new UpdateGraph(session, fixed, reads, replaces);
  }

  async run(): Promise<void> {
    const { feeds, fetches } = this.#binding();
    await this.#session.run(feeds, fetches);
    this.#replaces.swap();
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  #binding(): Binding {
    const key = this.#reads.reduce((bits, bank) => bits * 2 + bank.front, 0);
    const known = this.#bindings.get(key);
    if (known !== undefined) return known;
    const values: Tensors = { ...this.#fixed };
    for (const bank of this.#reads) Object.assign(values, bank.tensors(bank.front));
    const back = this.#replaces.tensors(this.#replaces.front === 0 ? 1 : 0);
    for (const [name, tensor] of Object.entries(back)) values[`next.${name}`] = tensor;
    const pick = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, values[name] as Tensor]));
    const binding = { feeds: pick(this.#session.inputNames), fetches: pick(this.#session.outputNames) };
    this.#bindings.set(key, binding);
    return binding;
  }
}
