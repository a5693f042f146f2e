import { describe, expect, it } from 'vitest';
import { checkRegistration } from './check-registration.ts';
import { type EnvServerOptions, resolveServerOptions } from './server-options.ts';

const make = () => {
  throw new Error('not here');
};
const refusal = (message: string) =>
  expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) });

// As JavaScript may write it.
const check = (parts: object) => () => checkRegistration({ id: 'Cart-v0', make, ...parts });
const argument = (parts: object) =>
  check({ arguments: [{ name: 'mass', type: 'float', defaultValue: 1, ...parts }] });

describe('checkRegistration', () => {
  it.each<readonly [object, string]>([
    [{ make: undefined }, 'Cart-v0: make: expected a function that makes the environment, got nothing'],
    [{ id: 5 }, 'id: expected a name with a version such as Arm-v0, got 5'],
    [
      { maxEpisodeStep: 10 },
      'Cart-v0: maxEpisodeStep is no field of a registration: did you mean maxEpisodeSteps?',
    ],
    [{ maxEpisodeSteps: '10' }, 'Cart-v0: maxEpisodeSteps: expected a whole number, got "10"'],
    [{ renderModes: 'rgb_array' }, 'renderModes: expected an array of texts, got "rgb_array"'],
    [{ arguments: { mass: 1 } }, 'arguments: expected an array of argument specs, got an object with mass'],
  ])('refuses %o', (parts, message) => {
    expect(check(parts)).toThrow(refusal(message));
  });

  it.each<readonly [object, string]>([
    [
      { type: 'number' },
      'Cart-v0: argument mass: type: expected one of bool, int, float, string, float-list, got "number"',
    ],
    [{ default: 1 }, 'Cart-v0: argument mass takes no "default": did you mean defaultValue?'],
    [{ min: 0 }, 'argument mass takes no "min": did you mean minimum?'],
    [{ defaultValue: undefined }, 'argument mass: defaultValue: expected a value, got nothing'],
    [
      { type: 'int' },
      'Cart-v0: defaultValue of argument mass: expected int, got the float 1: an int is a bigint, such as 1n',
    ],
    [{ maximum: 0.5 }, 'defaultValue of argument mass: expected float in [-inf, 0.5], got the float 1'],
    [{ choices: [1] }, 'argument mass: choices: expected an array of texts, got an array of 1'],
  ])('refuses an argument with %o', (parts, message) => {
    expect(argument(parts)).toThrow(refusal(message));
  });

  it('lets what else it has be, a helper with a name nearly like a field’s too', () => {
    class Cart {
      id = 'Cart-v0';
      makes = 0;
      maker = () => this.makes;
      wheels = 4;
      make = make;
      arguments = [{ name: 'mass', type: 'float', defaultValue: 1, minimum: 0 }] as const;
    }
    expect(() => checkRegistration(new Cart())).not.toThrow();
  });
});

describe('the options of a server', () => {
  it.each<readonly [object, string]>([
    [{ tokn: 'a secret of 16 letters' }, 'startEnvServer takes no "tokn": did you mean token?'],
    [{ envs: { id: 'Cart-v0', make } }, 'expected an array of registrations, got one: put it into brackets'],
    [{ envs: [undefined] }, "envs: expected registrations ({ id: 'Arm-v0', make: () => … }), got nothing"],
    [{ port: '50080' }, 'port: expected an integer from 0 to 65535, got "50080"'],
  ])('refuses %o', (parts, message) => {
    const options = { envs: [{ id: 'Cart-v0', make }], ...parts } as EnvServerOptions;
    expect(() => resolveServerOptions(options)).toThrow(refusal(message));
  });
});
