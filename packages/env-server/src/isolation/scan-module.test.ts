import { resolveArguments } from '@gymwire/env/host';
import { expect, it } from 'vitest';
import { packRegistration, scanModule, unpackRegistration } from './scan-module.ts';

const moduleOf = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

const scan = async (text: string) => {
  const found = await scanModule({ url: moduleOf(text), exportName: undefined });
  return found.map(packRegistration).map(unpackRegistration);
};

it('what a registration inherits, or says by a getter, is served, wherever it is hosted', async () => {
  const [found] = await scan(`
    class Limited { get maxEpisodeSteps() { return 7 } stepTimeoutMs = 500 }
    class Leg extends Limited { id = 'Leg-v0'; get renderModes() { return ['rgb_array'] } make() {} }
    export const leg = new Leg();
  `);
  expect(found).toMatchObject({
    exportName: 'leg',
    registration: { id: 'Leg-v0', maxEpisodeSteps: 7, stepTimeoutMs: 500, renderModes: ['rgb_array'] },
  });
});

it('what else it has is its own affair', async () => {
  const [found] = await scan(
    `export const arm = { id: 'Arm-v0', make() {}, helper() {}, cache: new WeakMap() }`,
  );
  expect(found?.registration).not.toHaveProperty('helper');
});

it.each([
  [
    'a function',
    'description() {}',
    /^Arm-v0 \(the export arm\): description: expected data: .*could not be cloned/,
  ],
  [
    'a getter that throws',
    'get heavy() { throw new Error("no") }',
    /\(the export arm\): heavy: expected data: no$/,
  ],
])('what is no data is refused with its name: %s', async (_, field, message) => {
  await expect(scan(`export const arm = { id: 'Arm-v0', make() {}, ${field} }`)).rejects.toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
  );
});

it('a registration that is an instance makes its environments as one', async () => {
  const text = `class Leg { id = 'Leg-v0'; #made = 3; make() { return { made: this.#made } } }; export const leg = new Leg()`;
  const [found] = await scanModule({ url: moduleOf(text), exportName: undefined });
  expect(found?.registration.make(resolveArguments('Leg-v0', [], {}))).toEqual({ made: 3 });
});

it.each([
  [
    'maxEpisodeStep: 5',
    /^Arm-v0: maxEpisodeStep is no field of a registration: did you mean maxEpisodeSteps\?$/,
  ],
  [
    'arguments: [{ name: "mass", type: "number", defaultValue: 1 }]',
    /^Arm-v0: argument mass: type: expected one of bool, .*, got "number"$/,
  ],
])('is held to the rules of any registration: %s', async (field, message) => {
  const scanned = scan(`export const arm = { id: 'Arm-v0', make() {}, get own() { throw 1 }, ${field} }`);
  await expect(scanned).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(message) as string,
  });
});
