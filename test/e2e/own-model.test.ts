/** `gymwire serve --xml`: models of the operator's own, as clients meet them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@gymwire/agent-sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonLines, runCli, startCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hopper = `<mujoco>
  <worldbody>
    <body name="torso" pos="0 0 1">
      <joint name="x" type="slide" axis="1 0 0"/><joint name="z" type="slide" axis="0 0 1" ref="1"/>
      <joint name="turn" axis="0 1 0"/>
      <geom size="0.1"/>
      <body name="foot"><joint name="leg" axis="0 1 0"/><geom size="0.05" pos="0 0 -0.4"/></body>
    </body>
  </worldbody>
  <actuator><motor joint="leg" ctrlrange="-1 1"/></actuator>
</mujoco>`;

describe('serve --xml', () => {
  it("offers a model by itself and with a task's rules", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'stump.xml'), hopper);
    const models = ['--xml', 'Stump-v0=stump.xml', '--xml', 'Hopping-v0=Hopper-v5:stump.xml'];
    const server = startCli(['--json', 'serve', '--port', '0', ...models], folder);
    const [line] = await server.printed(/^.*"type":"listening".*$/m);
    const { address } = JSON.parse(line) as { address: string };
    const connection = await connect(address);
    onTestFinished(() => connection.close());

    const bare = await connection.make('Stump-v0', { renderMode: 'rgb_array' });
    await bare.reset({ seed: 1 });
    expect(await bare.step([0.5])).toMatchObject({ reward: 0, observation: { shape: [8] }, info: {} });
    expect((await bare.render()).data.some((value) => value > 0)).toBe(true);
    await bare.close();

    const hopping = await connection.make('Hopping-v0', { arguments: { healthy_reward: 7 } });
    await hopping.reset({ seed: 1 });
    const { info, observation } = await hopping.step([0.5]);
    expect(observation).toMatchObject({ shape: [7] });
    expect(info).toMatchObject({ reward_survive: 7 });
    await hopping.close();

    // No client names a file.
    await expect(
      connection.make('Hopper-v5', { arguments: { xml_file: 'stump.xml' } }),
    ).rejects.toMatchObject({
      code: 'UNKNOWN_ARGUMENT',
    });
  });

  it.each([
    [
      'a file that is not there',
      'Arm-v0=nowhere.xml',
      /--xml Arm-v0: cannot read the model file nowhere\.xml/,
    ],
    ['a wrong model', 'Arm-v0=wrong.xml', /--xml Arm-v0: wrong\.xml: MuJoCo cannot load .*'gem', line 8/],
    ['a task that there is not', 'Arm-v0=Cow-v5:stump.xml', /task: expected one of Inverted.*; got Cow-v5/],
    ['a model that lacks what the task needs', 'Arm-v0=Reacher-v5:stump.xml', /no body named fingertip/],
    ['an id that is taken', 'Ant-v5=stump.xml', /Ant-v5 is registered already/],
  ])('refuses %s before it serves', async (_, model, message) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'stump.xml'), hopper);
    writeFileSync(join(folder, 'wrong.xml'), hopper.replace('<geom size="0.05"', '\n<gem size="0.05"'));
    const { code, stdout } = await runCli(['--json', 'serve', '--port', '0', '--xml', model], folder);
    expect(code).toBe(2);
    expect(jsonLines(stdout)).toMatchObject([
      { type: 'error', code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) },
    ]);
  });
});
