/** How the command was typed, for lines that are to be pasted: npm tells what npx starts. */
export function commandName(environment: NodeJS.ProcessEnv = process.env): string {
  const isOfNpx = /^gymwire(\s|$)/.test(environment.npm_lifecycle_script ?? '');
  return environment.npm_lifecycle_event === 'npx' && isOfNpx ? 'npx --no-install gymwire' : 'gymwire';
}
