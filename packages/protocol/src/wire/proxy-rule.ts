/**
 * Which connections go through a proxy, for all clients: those to other machines where `grpc_proxy` names one, unless
 * `no_grpc_proxy` (or `no_proxy`) names the host. Never loopback. `http_proxy` and `https_proxy` are for the web: a
 * simulator or a robot in the next room is rarely behind them, and a step has no time for a detour.
 */
import { isLoopbackAddress } from './server-address.ts';

/** gRPC's channel options for an address; gRPC itself reads `grpc_proxy` and `no_grpc_proxy`. */
export function proxyOptions(
  address: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { readonly 'grpc.enable_http_proxy': 0 | 1 } {
  const isAsked = environment.grpc_proxy !== undefined && environment.grpc_proxy !== '';
  return { 'grpc.enable_http_proxy': isAsked && !isLoopbackAddress(address) ? 1 : 0 };
}
