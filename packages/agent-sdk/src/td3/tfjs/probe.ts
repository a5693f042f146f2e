import { tensor1d, tensor2d, tidy, valueAndGrads } from '@tensorflow/tfjs-core';
import { Adam } from './adam.ts';
import { meanSquaredError } from './differentiable.ts';
import { FlatNetworks, forward } from './flat-networks.ts';

/**
 * One product, one gradient and one Adam step on the active backend, with the results checked: a native
 * library can load and then fail at its first operation (tfjs-node 4.22 on Node 24 does).
 */
export function probeBackend(): void {
  const network = new FlatNetworks([2, 1], 1);
  const adam = new Adam(0.5, [2, 1], 1);
  try {
    tidy(() => {
      network.assign(tensor1d([1, 2, 3]));
      const { value, grads } = valueAndGrads((...parameters) => {
        const y = forward(parameters, tensor2d([4, 5], [1, 2]), 'none');
        return meanSquaredError(y, tensor2d([15], [1, 1]));
      })(network.parameters());
      adam.update(network, grads);
      // 4·1 + 5·2 + 3 = 17, 4 away from the goal when squared; Adam's first step is the learning rate.
      const found = [...value.dataSync(), ...network.values.dataSync()];
      const expected = [4, 0.5, 1.5, 2.5];
      if (!expected.every((x, i) => Math.abs(x - (found[i] ?? Number.NaN)) < 1e-4)) {
        throw new Error(`computes ${found.join(', ')} where ${expected.join(', ')} is right`);
      }
    });
  } finally {
    network.dispose();
    adam.dispose();
  }
}
