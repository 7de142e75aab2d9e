import { command } from '../demo/people.ts';
import type { LocalSlack } from '../demo/slack/server.ts';

/** Types a command as alice and waits for its end. @throws with what the channel shows unless it ended as asked. */
export async function ask(slack: LocalSlack, text: string): Promise<void> {
  const { well, shown } = await command(slack, 'alice', text);
  if (!well) throw new Error(`${text} did not end well. The channel shows:\n${shown}`);
}
