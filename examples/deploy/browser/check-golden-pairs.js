import { readModelHeader } from '@gymwire/onnx-graph';
import * as ort from 'onnxruntime-web';

/**
 * @param {Uint8Array} bytes of policy.onnx
 * @returns {Promise<ort.InferenceSession>} which has answered the golden pairs as it must
 */
export async function checkGoldenPairs(bytes) {
  const { metadata } = readModelHeader(bytes);
  const { observations, actions } = JSON.parse(metadata['gymwire.golden']);
  const { low, high } = JSON.parse(metadata['gymwire.policy']).action;
  const session = await ort.InferenceSession.create(bytes);
  const shape = [observations.length, observations[0].length];
  const { action } = await session.run({
    observation: new ort.Tensor('float32', observations.flat(), shape),
  });
  actions.flat().forEach((expected, i) => {
    const [k, given] = [i % low.length, action.data[i]];
    if (Math.abs(given - expected) <= 1e-4 * (high[k] - low[k])) return;
    throw new Error(`policy.onnx: action ${i}: expected ${expected}, got ${given}`);
  });
  return session;
}
