import { expect, it } from 'vitest';
import { commandName } from './command-name.ts';

it.each([
  ['gymwire', {}],
  ['npx --no-install gymwire', { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'gymwire train' }],
  // A command that npx starts may start this one.
  ['gymwire', { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vitest run' }],
  ['gymwire', { npm_lifecycle_event: 'test', npm_lifecycle_script: 'gymwire demo' }],
])('%s is what was typed: %j', (name, environment) => expect(commandName(environment)).toBe(name));
