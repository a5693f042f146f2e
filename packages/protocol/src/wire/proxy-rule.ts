/**
 * Which connections go through a proxy, for all clients: those to other machines where `grpc_proxy` names one, unless
 * `no_grpc_proxy` (or `no_proxy`) names the host. Never loopback. `http_proxy` and `https_proxy` are for the web: a
 * simulator or a robot in the next room is rarely behind them, and a step has no time for a detour.
 */
import { isIP } from 'node:net';

/** gRPC's channel options for an address; gRPC itself reads `grpc_proxy` and `no_grpc_proxy`. */
export function proxyOptions(
  address: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { readonly 'grpc.enable_http_proxy': 0 | 1 } {
  const isAsked = environment.grpc_proxy !== undefined && environment.grpc_proxy !== '';
  return { 'grpc.enable_http_proxy': isAsked && !isLoopbackAddress(address) ? 1 : 0 };
}

/** Returns whether a gRPC address (`host:port`, `[::1]:50051`, `dns:///host:port`, `unix:/run/robot`) stays on this machine. */
export function isLoopbackAddress(address: string): boolean {
  const [, scheme = '', rest = address] =
    /^(dns|ipv4|ipv6|unix|unix-abstract):(?:\/\/[^/]*\/)?(.*)$/.exec(address) ?? [];
  if (scheme.startsWith('unix')) return true;
  const host = hostOf(rest).toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const ipv4 = host.startsWith('::ffff:') ? host.slice('::ffff:'.length) : host;
  return host === '::1' || (isIP(ipv4) === 4 && ipv4.startsWith('127.'));
}

function hostOf(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return isIP(address) === 6 ? address : address.replace(/:\d+$/, '');
}
