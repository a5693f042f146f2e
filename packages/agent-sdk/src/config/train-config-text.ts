import { packageVersion } from '@gymwire/protocol';
import { defaultText, type OptionName, optionNames, optionRow } from '../options/option-table.ts';
import { presetFor, presetIds } from '../options/presets.ts';
import { resolveTrainOptions } from '../options/resolve-options.ts';

/** Where editors find the JSON Schema of config files, as it is in this version. */
export const trainConfigSchemaAddress: string = `https://unpkg.com/@gymwire/agent-sdk@${packageVersion}/schema/train-config.json`;

export interface TrainConfigTextOptions {
  /** Every option, and not only what the preset sets. Default false. */
  readonly all?: boolean;
  /** Default `yaml`. */
  readonly format?: 'yaml' | 'json';
}

/**
 * A config file that trains as the environment's preset does; of an environment without one, as the defaults do. YAML has the meaning
 * of each option beside it.
 */
export function trainConfigText(
  envId: string,
  { all = false, format = 'yaml' }: TrainConfigTextOptions = {},
): string {
  const resolved = resolveTrainOptions({ envId });
  const set = new Set<string>(['envId', ...Object.keys(presetFor(envId))]);
  const names = optionNames.filter((name) => all || set.has(name));
  const address = trainConfigSchemaAddress;
  if (format === 'json') {
    const options = Object.fromEntries(names.map((name) => [name, resolved[name]]));
    return `${JSON.stringify({ $schema: address, ...options }, null, 2)}\n`;
  }
  const isPreset = presetIds.includes(envId);
  const from = isPreset ? `the preset of ${envId}` : `the defaults: ${envId} has no preset`;
  const lines = names.flatMap((name) => [
    `# ${optionRow(name).meaning}${restOf(name, resolved[name])}`,
    // JSON is YAML, and on one line.
    `${name}: ${JSON.stringify(resolved[name]).replaceAll(',', ', ')}`,
  ]);
  return `# yaml-language-server: $schema=${address}\n# ${from}; gymwire train --config <this file>\n${lines.join('\n')}\n`;
}

/** The default, where the value is another one. */
function restOf(name: OptionName, value: unknown): string {
  const usual = defaultText(name);
  const isSame = JSON.stringify(value) === JSON.stringify(optionRow(name).default);
  return usual === undefined || isSame ? '' : ` Default: ${usual}.`;
}
