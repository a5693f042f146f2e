/** Server reflection: generic clients (grpcurl) learn the services from the server itself. */
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';

/** @param files a FileDescriptorProto each, base64 */
export function addReflection(server: Server, files: readonly string[]): void {
  const fileDescriptorProtos = files.map((file) => Buffer.from(file, 'base64'));
  // Reflection reads nothing but the files of a definition, whichever kind it is.
  const set = { format: 'Protocol Buffer 3 EnumDescriptorProto', type: {}, fileDescriptorProtos } as const;
  new ReflectionService({ files: set }).addToServer(server);
}
