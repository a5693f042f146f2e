import type { Session } from '@gymwire/env-server';
import { decodeStepResult, decodeValue, encodeStepResult, encodeValue, envService } from '@gymwire/protocol';
import { actionTensor } from './local-session.ts';

/** Of gRPC's message framing. */
const prefixBytes = 5;

export interface CodecRun {
  /** As one step sends them, gRPC's prefix with them. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** All that happens to the values of one step on both ends, without the way between. */
  readonly run: () => void;
}

/** @param session one that can step */
export async function createCodecRun(session: Session, data: Float32Array): Promise<CodecRun> {
  const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } =
    envService.Interact;
  const action = actionTensor(session, data);
  await session.reset({ seed: 0 });
  const result = await session.step(action);
  const encode = () => requestSerialize({ step: { action: encodeValue(action), sequence: 1000 } });
  const answer = () => responseSerialize({ step: encodeStepResult(result, 1000) });
  const run = () => {
    const request = requestDeserialize(encode());
    decodeValue(request.step?.action, 'action');
    const response = responseDeserialize(answer());
    if (response.step) decodeStepResult(response.step, 1);
  };
  return { requestBytes: encode().length + prefixBytes, responseBytes: answer().length + prefixBytes, run };
}
