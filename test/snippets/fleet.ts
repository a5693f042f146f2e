/** A training on several servers, from a program. The test puts servers of its own in the place of the addresses. */

// #region fleet
import { connectFleet, train } from '@gymwire/agent-sdk';

const addresses = ['127.0.0.1:50051', '127.0.0.1:50052'];
const fleet = await connectFleet(addresses, { onFleet: (event) => console.log(event) });
const options = { envId: 'Pendulum-v1', numEnvs: 8, totalEnvSteps: 400, learningStarts: 200 };
const { status } = await train({ connection: fleet, options });
console.log(status); // completed
fleet.close();
// #endregion
