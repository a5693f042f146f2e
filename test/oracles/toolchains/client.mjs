// Bundled: one step on the server whose address it is given.
import { connect } from '@gymwire/agent-sdk';

async function main() {
  const connection = await connect(process.argv[2]);
  const env = await connection.make('Pendulum-v1');
  await env.reset({ seed: 1 });
  const { observation } = await env.step([0.5]);
  process.stdout.write(`${observation.data.length}\n`);
  await env.close();
  connection.close();
}

void main();
