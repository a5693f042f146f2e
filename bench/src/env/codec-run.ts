import type { Session } from '@gymwire/env-server';
import {
  decodeStepRequest,
  decodeStepResponse,
  encodeStepRequest,
  encodeStepResponse,
  streamMethod,
} from '@gymwire/protocol/wire';
import { actionTensor } from './local-session.ts';

/** Bytes of gRPC's message framing. */
const prefixBytes = 5;

export interface CodecRun {
  /** Bytes as one step sends them, gRPC's prefix with them. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** All that happens to the values of one step on both ends, without the way between. */
  readonly run: () => void;
}

/** @param session one that can step */
export async function createCodecRun(session: Session, data: Float32Array): Promise<CodecRun> {
  const { requestDeserialize, responseDeserialize } = streamMethod;
  const action = actionTensor(session, data);
  await session.reset({ seed: 0 });
  const result = await session.step(action);
  const encode = () => encodeStepRequest(action, 1000);
  const answer = () => encodeStepResponse(result, 1000);
  const run = () => {
    const request = requestDeserialize(encode());
    if (Buffer.isBuffer(request)) decodeStepRequest(request, session.numEnvs);
    const response = responseDeserialize(answer());
    if (Buffer.isBuffer(response)) decodeStepResponse(response, 1);
  };
  return { requestBytes: encode().length + prefixBytes, responseBytes: answer().length + prefixBytes, run };
}
