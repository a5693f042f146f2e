/** What drives the arm until something happens to it: a client that steps as fast as the arm lets it. */
import { connect } from '@gymwire/agent-sdk';

const [address = ''] = process.argv.slice(2);
const connection = await connect(address);
const env = await connection.make('SwingArm-v0', { maxEpisodeSteps: 0 });
for (;;) {
  await env.reset();
  let isOver = false;
  for (let i = 0; !isOver; i++) {
    // Hardly enough to move the arm, so that the next one finds it at rest.
    const step = await env.step([i % 2 === 0 ? 0.05 : -0.05]);
    isOver = step.terminated || step.truncated;
    console.log(`step ${i}`);
  }
}
