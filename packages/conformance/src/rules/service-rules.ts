/** Health and reflection: services of gRPC's own, a few bytes of protobuf each. */
import protobuf from 'protobufjs/minimal.js';
import type { Method } from '../client/raw-client.ts';
import { Refusal } from '../client/refusal.ts';
import { expectSame, expectThat } from '../expectations.ts';
import type { Probe } from '../probe.ts';
import type { Rule } from '../rule.ts';
import { Broken } from '../verdicts.ts';

const { Reader, Writer } = protobuf;
const service = 'gymwire.v1.EnvService';
const isServing = 1;

/** HealthCheckRequest: service = 1. HealthCheckResponse: status = 1. */
export const healthCheck: Method<string, number> = {
  path: '/grpc.health.v1.Health/Check',
  requestSerialize: (name) => Buffer.from(Writer.create().uint32(10).string(name).finish()),
  responseDeserialize(bytes) {
    const reader = Reader.create(bytes);
    return bytes.length > 0 && reader.uint32() === 8 ? reader.int32() : 0;
  },
};

/** ServerReflectionRequest: list_services = 7. */
const listServices = Buffer.from(Writer.create().uint32(58).string('*').finish());

/** ServerReflectionResponse: list_services_response = 6 { service = 1 { name = 1 } }. */
function servicesIn(bytes: Buffer): string[] {
  return fieldsOf(bytes, 6).flatMap((list) =>
    fieldsOf(list, 1).flatMap((entry) => fieldsOf(entry, 1).map((name) => Buffer.from(name).toString())),
  );
}

/** The contents of a message's length-delimited fields of this number. */
function fieldsOf(bytes: Uint8Array, field: number): Uint8Array[] {
  const reader = Reader.create(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === field * 8 + 2) found.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return found;
}

async function reflectedServices(probe: Probe): Promise<string[]> {
  const refusals: string[] = [];
  for (const version of ['v1', 'v1alpha']) {
    try {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      return servicesIn(await probe.client.ask(path, listServices));
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      refusals.push(`${version}: ${thrown.message}`);
    }
  }
  throw new Broken(`no server reflection: ${refusals.join('; ')}`);
}

export const serviceRules: readonly Rule[] = [
  {
    id: 'service.health',
    about: 'server',
    requires: 'grpc.health.v1 says SERVING, for the server and for gymwire.v1.EnvService',
    section: 'The wire',
    async check(probe) {
      for (const name of ['', service]) {
        expectSame(await probe.call(healthCheck, name), isServing, `health of ${JSON.stringify(name)}`);
      }
    },
  },
  {
    id: 'service.reflection',
    about: 'server',
    requires: 'server reflection lists gymwire.v1.EnvService',
    section: 'The wire',
    async check(probe) {
      const services = await reflectedServices(probe);
      expectThat(services.includes(service), `expected ${service} among ${services.join(', ')}`);
    },
  },
];
