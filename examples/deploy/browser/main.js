/** The policy swings a pendulum up, which is simulated and drawn in the page: no server computes anything. */
import { createRandomGenerator } from '@gymwire/env';
import { resolveArguments } from '@gymwire/env/host';
import { float32 } from '@gymwire/protocol';
import { classicEnvs } from '@gymwire/simulators/browser';
import * as ort from 'onnxruntime-web';
import { checkGoldenPairs } from './check-golden-pairs.js';

ort.env.wasm.numThreads = 1;
const output = document.querySelector('output');
const picture = document.querySelector('canvas').getContext('2d');

async function loadPolicy() {
  const response = await fetch('policy.onnx');
  // Vite answers with the page where there is no such file.
  if (!response.ok || response.headers.get('content-type')?.includes('html')) {
    throw new Error(
      'no policy.onnx: write it with `node examples/dist/deploy/export.js`, and load this page anew',
    );
  }
  return checkGoldenPairs(new Uint8Array(await response.arrayBuffer()));
}

function draw({ width, height, data }) {
  const image = picture.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  picture.canvas.width = width;
  picture.canvas.height = height;
  picture.putImageData(image, 0, 0);
}

async function playEpisode(session, pendulum, seed) {
  let { observation } = await pendulum.reset({ random: createRandomGenerator(seed), seed });
  let episodeReturn = 0;
  for (let t = 0; t < 200; t++) {
    const { action } = await session.run({
      observation: new ort.Tensor('float32', observation.data, [1, 3]),
    });
    const step = await pendulum.step(float32(action.data));
    observation = step.observation;
    episodeReturn += step.reward;
    draw(await pendulum.render());
    output.textContent = `golden pairs agree; seed ${seed}, step ${t + 1}: return ${episodeReturn.toFixed(1)}`;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

try {
  const session = await loadPolicy();
  const { id, arguments: specs = [], make } = classicEnvs.find((env) => env.id === 'Pendulum-v1');
  const pendulum = await make(resolveArguments(id, specs, {}));
  // Where the third begins, it hangs.
  for (let seed = 3; ; seed++) await playEpisode(session, pendulum, seed);
} catch (error) {
  output.textContent = `error: ${error.message}`;
}
