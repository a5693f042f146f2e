/** Steps a robot for ever, as a trainer would: `node robot-client.mjs <address> <env id>`. Prints a line a step. */
import { connect } from '@gymwire/agent-sdk';

const [address = '', envId = ''] = process.argv.slice(2);
const connection = await connect(address);
const env = await connection.make(envId);
for (;;) {
  await env.reset();
  let isOver = false;
  for (let i = 0; !isOver; i++) {
    const step = await env.step([i % 2 === 0 ? 0.5 : -0.5]);
    isOver = step.terminated || step.truncated;
    process.stdout.write(`step ${i}\n`);
  }
}
