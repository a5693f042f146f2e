/** The floor: what onnxruntime's own float32 product of 256 × 256 matrices takes, without anything around it. */
import { encodeModel } from '@gymwire/onnx-graph';
import { gemm, input, type TensorExpr, traceModel } from '@gymwire/onnx-graph/trace';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const size = 256;
export const flopsPerProduct = 2 * size ** 3;
/** In one graph, one after the other: what a call costs is spread over all of them. */
export const productsPerRun = 32;

/** @returns runs `productsPerRun` products */
export async function createProducts(): Promise<() => Promise<void>> {
  const shape = [size, size];
  let x: TensorExpr = input('x', shape);
  const right = [input('a', shape), input('b', shape)];
  for (let i = 0; i < productsPerRun; i++) x = gemm(x, right[i % 2]);
  const model = traceModel({ y: x }, { graphName: 'sgemm', producerName: 'gymwire', producerVersion: '1' });
  const session = await InferenceSession.create(encodeModel(model), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  // Rows of a and b sum to about 1: values neither vanish nor grow over the chain.
  const matrix = (offset: number) =>
    new Tensor(
      'float32',
      Float32Array.from({ length: size * size }, (_, i) => (1 + ((i + offset) % 7) / 100) / size),
      shape,
    );
  const feeds = { x: matrix(0), a: matrix(1), b: matrix(2) };
  const fetches = { y: new Tensor('float32', new Float32Array(size * size), shape) };
  return async () => {
    await session.run(feeds, fetches);
  };
}
