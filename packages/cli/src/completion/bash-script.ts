import type { CommandWords, FlagWords } from './command-words.ts';

/** A script for bash 3.2 and later, without bash-completion; files are completed wherever nothing else is. */
export function bashScript(commands: readonly CommandWords[], flags: readonly FlagWords[]): string {
  const names = commands.map(({ name }) => name);
  const values = commands.flatMap(({ name, flags: own }) =>
    own.flatMap((flag) =>
      Array.isArray(flag.takes) ? [`    '${name} ${flag.name}') words='${flag.takes.join(' ')}' ;;`] : [],
    ),
  );
  // A flag that takes a value is followed by that, and by no flag.
  const taking = commands.flatMap(({ name, flags: own }) =>
    own.filter(({ takes }) => takes === 'file' || takes === 'text').map((flag) => `'${name} ${flag.name}'`),
  );
  const own = commands.map(
    ({ name, flags: all }) => `      ${name}) words='${all.map(nameOf).join(' ')}' ;;`,
  );
  const beside = commands.flatMap(({ name, argument }) =>
    Array.isArray(argument) ? [`      ${name}) words='${argument.join(' ')}' ;;`] : [],
  );
  return `# gymwire's completion for bash: source <(gymwire completion bash)
_gymwire() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command= words= i
  # "--mode=p" is three words to bash.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join('|')}) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  COMPREPLY=()
  case "$command $prev" in
${values.join('\n')}
    ${taking.join('|')}) return ;;
  esac
  if [[ -z $words && $cur == -* ]]; then
    case $command in
      '') words='${flags.map(nameOf).join(' ')}' ;;
${own.join('\n')}
    esac
  elif [[ -z $words ]]; then
    case $command in
      '') words='${names.join(' ')}' ;;
${beside.join('\n')}
    esac
  fi
  if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi
}
complete -o default -F _gymwire gymwire
`;
}

const nameOf = ({ name }: FlagWords) => name;
