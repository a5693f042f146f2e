import { type DerivedPolicy, type VerifiedPolicy, verifyPolicy } from '@gymwire/exporter';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { type Output, round } from '../output.ts';
import { refuseFolder } from '../run-or-file.ts';
import type { CommandContext } from './command-context.ts';

export function defineVerify(command: Command, { run }: CommandContext): void {
  command.action((path: string) =>
    run(async (output) => {
      await refuseFolder(path);
      const report = await verifyPolicy(path);
      if (report.ok) {
        describe(report, output);
        return exitCodes.success;
      }
      if (report.derived !== undefined) tellDerived(report.derived, output);
      output.error(report.code, report.message);
      return report.code === 'UNREADABLE_FILE' ? exitCodes.file : exitCodes.result;
    }),
  );
}

/** JSON has no NaN: where an action is none, its error is null. */
function tellDerived({ origin, changes, golden, isGuarded }: DerivedPolicy, output: Output): void {
  const { envId, envSteps, weightsSha256 } = origin;
  output.event('derived', { origin: { envId, envSteps, weightsSha256 }, changes, golden, isGuarded });
}

function describe({ metadata, golden, parity, bytes }: VerifiedPolicy, output: Output): void {
  const { envId, envSteps, evaluation, observation, action, user } = metadata;
  const trained =
    evaluation === undefined
      ? ''
      : `, evaluation ${round(evaluation.meanReturn)} over ${evaluation.episodes} episodes`;
  output.say(
    `${envId}: observation [${observation.shape.join(', ')}] → action [${action.shape.join(', ')}], ${bytes} bytes`,
  );
  output.say(`trained for ${envSteps} steps${trained}`);
  // Quoted: whoever wrote it may have written control characters.
  for (const [name, text] of Object.entries(user)) {
    output.say(`${JSON.stringify(`user.${name}`)}: ${JSON.stringify(text)}`);
  }
  output.say(
    `ok: ${golden.count} recorded actions reproduced to ${golden.maxError.toExponential(1)} of the action range`,
  );
  output.say(
    `ok: ${parity.observations} observations agree with the float64 reference to ${parity.maxError.toExponential(1)}`,
  );
  const { maxError } = golden;
  output.event('verified', {
    ok: true,
    envId,
    envSteps,
    evaluation,
    user,
    golden: { count: golden.count, maxError },
    parity,
  });
}
