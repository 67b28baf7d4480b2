// A command line as text that can be pasted into a shell: the report says with it how to make it again.

/**
 * Quotes one argument. POSIX: single quotes, in which nothing has a meaning. Windows: double quotes, which cmd and
 * PowerShell share.
 */
export function quoteArgument(argument: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return quoteForWindows(argument);
  if (/^[\w@%+=:,./-]+$/.test(argument) && !argument.startsWith('=')) return argument; // zsh expands a leading =
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** Quotes arguments and joins them by spaces. */
export function quoteCommand(argv: readonly string[], platform: NodeJS.Platform = process.platform): string {
  return argv.map((argument) => quoteArgument(argument, platform)).join(' ');
}

/** Programs on Windows split their command line themselves: a backslash counts only before a double quote. */
function quoteForWindows(argument: string): string {
  if (/^[\w+=:./\\-]+$/.test(argument)) return argument;
  const escaped = argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
  return `"${escaped}"`;
}
