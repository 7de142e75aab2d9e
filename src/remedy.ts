/** A way out of trouble, offered as a button. */

/**
 * Starts an ordinary command, exactly as if the person who presses the button had typed the line: the same policy, the
 * same card, the same audit.
 */
export interface Remedy {
  /** What the button says: `Open the ports`. */
  label: string;
  /** The words behind the slash command: `ports fedora-03 --apply`. */
  line: string;
  /** Asked before it starts, where pressing by mistake would hurt. A whole sentence. */
  confirm?: string;
}
