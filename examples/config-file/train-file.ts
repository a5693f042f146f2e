// #region train
import { type TrainResult, train } from '@gymwire/agent-sdk';
import { readTrainConfig } from '@gymwire/agent-sdk/parts';

/** What a file says, trained on a server. */
export async function trainFile(file: string, server: string): Promise<TrainResult> {
  const { options, settings } = await readTrainConfig(file);
  const { envId = 'Pendulum-v1' } = options;
  const { learner, out: runFolder } = settings;
  return train({ server, options: { ...options, envId }, learner, runFolder });
}
// #endregion
