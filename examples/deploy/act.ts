/**
 * Observations in, actions out, a line of JSON each: `echo '[1, 0, 0]' | node examples/dist/deploy/act.js runs/deploy/policy.onnx`.
 * Needs @gymwire/exporter, which brings ONNX Runtime and neither gRPC nor a trainer.
 */
import '../plain-errors.ts';
import { createInterface } from 'node:readline';
import { OnnxPolicy } from '@gymwire/exporter';

const [path = 'runs/deploy/policy.onnx'] = process.argv.slice(2);
const policy = await OnnxPolicy.load(path); // refuses a file that is damaged, or not what was exported
for await (const line of createInterface({ input: process.stdin })) {
  const action = await policy.act(Float32Array.from(numbersOf(line)));
  console.log(JSON.stringify([...action]));
}
await policy.dispose();

function numbersOf(line: string): number[] {
  try {
    return JSON.parse(line) as number[];
  } catch {
    throw Object.assign(new Error(`expected a JSON array of numbers, got ${line}`), {
      code: 'BAD_OBSERVATION',
    });
  }
}
