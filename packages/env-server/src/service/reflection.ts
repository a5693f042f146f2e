/** Server reflection: generic clients (grpcurl) learn the service from the server itself. */
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { reflectedFiles } from '../generated/reflected-files.ts';

/** Of the .proto file that only servers with an operator's token tell of. */
const operatorFile = 'gymwire/v1/operator.proto';

/** @param withOperator tells of OperatorService, too */
export function addReflection(server: Server, withOperator: boolean): void {
  const fileDescriptorProtos = Object.entries(reflectedFiles)
    .filter(([name]) => withOperator || name !== operatorFile)
    .map(([, file]) => Buffer.from(file, 'base64'));
  // Reflection reads nothing but the files of a definition, whichever kind it is.
  const files = { format: 'Protocol Buffer 3 EnumDescriptorProto', type: {}, fileDescriptorProtos } as const;
  new ReflectionService({ files }).addToServer(server);
}
