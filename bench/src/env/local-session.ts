import { createSessionStore, type Session } from '@gymwire/env-server';
import type { SessionOptions, Tensor } from '@gymwire/protocol';
import { pino } from 'pino';
import { benchRegistry } from './served-envs.ts';

const limits = { maxSessions: 64, maxNumEnvs: 1024, maxTotalEnvs: 4096, idleTimeoutMs: 2 ** 31 - 1 };

/** What a server would make, in this process. */
export function makeLocalSession(options: SessionOptions): Promise<Session> {
  return createSessionStore(benchRegistry(), limits, pino({ level: 'silent' })).make(options);
}

/** One action, or with numEnvs a batch of them. */
export function actionTensor({ description }: Session, data: Float32Array): Tensor {
  const { numEnvs, actionSpace } = description;
  const own = actionSpace.type === 'box' ? actionSpace.low.shape : [];
  return { dtype: 'float32', shape: numEnvs === undefined ? own : [numEnvs, ...own], data };
}
