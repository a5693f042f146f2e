import { type Outcome, parseClaims, type RuleResult, runConformance } from '@gymwire/conformance';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { repeatable } from '../once-only.ts';
import type { Output } from '../output.ts';
import { integer } from '../parse-arguments.ts';
import { readText } from '../read-text.ts';
import { addSecurityFlags, connectOptions, type ServerFlags } from '../server-flags.ts';
import type { CommandContext } from './command-context.ts';

interface ConformanceFlags extends ServerFlags {
  readonly claims?: string;
  readonly deadlineMs: number;
  readonly only: readonly string[];
}

const words: Readonly<Record<Outcome, string>> = {
  passed: 'ok',
  failed: 'FAILED',
  'not-exercised': 'NOT TRIED',
  claimed: 'claimed',
  'not-applicable': 'n/a',
};

export function defineConformance(command: Command, { run }: CommandContext): void {
  command
    .option('--claims <file>', 'JSON object of rules that need not pass, with the reason of each')
    .option('--deadline-ms <ms>', 'for one rule', integer(1), 10_000)
    .addOption(repeatable('--only <rule>', 'id of a rule, or an area such as steps', collect, []));
  addSecurityFlags(command).action((address: string, flags: ConformanceFlags) =>
    run(async (output) => {
      const { claims, deadlineMs, only } = flags;
      const { token, tls, insecure } = await connectOptions(flags);
      const report = await runConformance({
        address,
        deadlineMs,
        ...(only.length > 0 && { only }),
        ...(claims !== undefined && { claims: parseClaims(await readText(claims)) }),
        ...(token !== undefined && { token: token.trim() }),
        ...(tls !== undefined && { tls }),
        ...(insecure !== undefined && { insecure }),
        onResult: (result) => tell(output, result),
      });
      const count = (outcome: Outcome) =>
        report.results.filter((result) => result.outcome === outcome).length;
      const { server, isConforming } = report;
      const notApplicable = count('not-applicable');
      output.say('');
      output.say(
        `${server || address}: ${report.results.length} rules, ${count('passed')} passed, ` +
          `${count('failed')} failed, ${count('not-exercised')} not tried, ${count('claimed')} claimed` +
          (notApplicable === 0 ? '' : `, ${notApplicable} do not apply`),
      );
      output.event('conformance', {
        server,
        isConforming,
        passed: count('passed'),
        failed: count('failed'),
        notExercised: count('not-exercised'),
        claimed: count('claimed'),
        notApplicable,
      });
      return isConforming ? exitCodes.success : exitCodes.result;
    }),
  );
}

const collect = (name: string, before: readonly string[]): readonly string[] => [...before, name];

/** A line of the table: rule, result, why. What passed says what it stands for. */
function tell(output: Output, result: RuleResult): void {
  const { id, outcome, requires, section, why } = result;
  output.say(`${id.padEnd(31)} ${words[outcome].padEnd(10)} ${outcome === 'passed' ? requires : why}`);
  if (outcome === 'failed') output.say(`${' '.repeat(43)}rule: ${requires} (docs/protocol.md, ${section})`);
  output.event('rule', { ...result });
}
