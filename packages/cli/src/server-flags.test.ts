import { describe, expect, it } from 'vitest';
import { fleetServers } from './server-flags.ts';

describe('--server', () => {
  it('names a fleet by addresses between commas, or a name of many', () => {
    expect(fleetServers({ server: 'a:1, b:2' })).toEqual(['a:1', 'b:2']);
    expect(fleetServers({ server: 'dns:///sims:1' })).toEqual(['dns:///sims:1']);
    expect(fleetServers({ server: 'a:1' })).toBeUndefined();
  });

  it.each(['a:1,', ',', 'a:1,,b:2'])('%j has a place for an address and none in it', (server) => {
    expect(() => fleetServers({ server })).toThrow(
      `--server: expected an address between commas, got none in ${JSON.stringify(server)}`,
    );
  });
});
