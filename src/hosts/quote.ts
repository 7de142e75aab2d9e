/**
 * An argv array as one line for the remote login shell: every word in single quotes, so that the shell expands nothing.
 * sshd always hands a command to the user's shell; this is the only place where a command line is put together.
 * @throws Error on a NUL byte, which no argument can carry.
 */
export function shellLine(argv: readonly string[]): string {
  return argv
    .map((word) => {
      if (word.includes('\0')) throw new Error('An argument cannot carry a NUL byte.');
      return `'${word.replaceAll("'", String.raw`'\''`)}'`;
    })
    .join(' ');
}
