/** The service definition. The .proto files themselves travel in this package for other languages' tools. */
import { type GrpcObject, loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON, type Options, type PackageDefinition } from '@grpc/proto-loader';
import type { ProtoGrpcType } from '../generated/env_service.ts';
import type { EnvServiceDefinition } from '../generated/gymwire/v1/EnvService.ts';
import type { Error__Output, Error as WireError } from '../generated/gymwire/v1/Error.ts';
import type { OperatorServiceDefinition } from '../generated/gymwire/v1/OperatorService.ts';
import type { PackedInfos__Output } from '../generated/gymwire/v1/PackedInfos.ts';
import type { StepRequest__Output } from '../generated/gymwire/v1/StepRequest.ts';
import type { StepResponse__Output } from '../generated/gymwire/v1/StepResponse.ts';
import type { ProtoGrpcType as OperatorTypes } from '../generated/operator.ts';
import { wireSchema } from '../generated/wire-schema.ts';

/** Generated types assume exactly these; `npm run generate` uses the same. */
const loaderOptions: Readonly<Options> = Object.freeze({
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
});

/** The package's definition, for servers that offer reflection. */
export const packageDefinition: PackageDefinition = fromJSON(
  JSON.parse(wireSchema) as Parameters<typeof fromJSON>[0],
  loaderOptions,
);

// The generated interfaces describe what the loader returns for these very files.
const loaded = loadPackageDefinition(packageDefinition) as GrpcObject & ProtoGrpcType & OperatorTypes;

/** gymwire.v1.EnvService: pass it to `server.addService`. */
export const envService: EnvServiceDefinition & ServiceDefinition = loaded.gymwire.v1.EnvService.service;

/** The generated grpc-js client class of gymwire.v1.EnvService. */
export const EnvServiceClient = loaded.gymwire.v1.EnvService;

/** gymwire.v1.OperatorService: for servers that have an operator's token. */
export const operatorService: OperatorServiceDefinition & ServiceDefinition =
  loaded.gymwire.v1.OperatorService.service;

/** The generated grpc-js client class of gymwire.v1.OperatorService. */
export const OperatorServiceClient = loaded.gymwire.v1.OperatorService;

const {
  Error: errorType,
  PackedInfos: packedInfosType,
  StepRequest: stepRequestType,
  StepResponse: stepResponseType,
} = loaded.gymwire.v1;

export function serializeError(error: WireError): Buffer {
  return errorType.serialize(error);
}

export function deserializeError(bytes: Buffer): Error__Output {
  return errorType.deserialize(bytes);
}

export function deserializePackedInfos(bytes: Buffer): PackedInfos__Output {
  return packedInfosType.deserialize(bytes);
}

export function deserializeStepRequest(bytes: Buffer): StepRequest__Output {
  return stepRequestType.deserialize(bytes);
}

export function deserializeStepResponse(bytes: Buffer): StepResponse__Output {
  return stepResponseType.deserialize(bytes);
}
