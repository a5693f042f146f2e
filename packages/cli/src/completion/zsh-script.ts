import type { CommandWords, FlagWords, Taken } from './command-words.ts';

/** A script for zsh's own `_arguments`; sourced after `compinit`, or a file `_gymwire` in a folder of `fpath`. */
export function zshScript(commands: readonly CommandWords[], flags: readonly FlagWords[]): string {
  const names = commands.map(({ name, meaning }) => `        ${quoted(`${name}:${meaning}`)}`);
  const cases = commands.map(({ name, flags: own, argument }) => {
    const specs = [
      ...own.map(specOf),
      ...(argument === 'nothing' ? [] : [`'1:argument:${action(argument)}'`]),
    ];
    return `        ${name})\n          _arguments \\\n${specs.map((spec) => `            ${spec}`).join(' \\\n')} ;;`;
  });
  return `#compdef gymwire
# gymwire's completion for zsh: source <(gymwire completion zsh)
_gymwire() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
${flags.map((flag) => `    ${specOf(flag)}`).join(' \\\n')} \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${names.join('\n')}
      )
      _describe command commands ;;
    argument)
      curcontext="\${curcontext%:*:*}:gymwire-$words[1]:"
      case $words[1] in
${cases.join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _gymwire ]]; then _gymwire "$@"; else compdef _gymwire gymwire; fi
`;
}

function specOf({ name, meaning, takes }: FlagWords): string {
  const description = meaning.replaceAll(/[\\[\]:]/g, String.raw`\$&`);
  const value = takes === 'nothing' ? '' : `:value:${action(takes)}`;
  return quoted(`${name}[${description}]${value}`);
}

function action(takes: Taken): string {
  if (takes === 'file') return '_files';
  return typeof takes === 'string' ? ' ' : `(${takes.join(' ')})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
