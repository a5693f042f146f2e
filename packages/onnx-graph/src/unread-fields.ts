import { OnnxGraphError } from './errors.ts';
import { decodeWire, unreadWireFields } from './wire.ts';

/**
 * What an `.onnx` file says and `decodeModel` leaves out: paths such as `graph.value_info` or `graph.node.doc_string`,
 * and the operator sets of other domains, each once. Empty for what `encodeModel` writes.
 * @throws OnnxGraphError `CORRUPT_MODEL` where the bytes are cut off or no protobuf message
 */
export function unreadFields(bytes: Uint8Array): string[] {
  try {
    const domains = (decodeWire(bytes).opset_import ?? []).flatMap(({ domain = '' }) =>
      domain === '' ? [] : [`opset_import ${domain}`],
    );
    return [...unreadWireFields(bytes), ...domains];
  } catch (cause) {
    const message = `${bytes.length} bytes are not a complete protobuf message`;
    throw new OnnxGraphError('CORRUPT_MODEL', message, { cause });
  }
}
