/** A Socket Mode client that acknowledges everything at once and does nothing else: what the bot's acks are held against. */
import { SocketModeClient } from '@slack/socket-mode';

const client = new SocketModeClient({
  appToken: process.env['SLACK_APP_TOKEN'] ?? '',
  clientOptions: { slackApiUrl: process.env['SLACK_API_URL'] ?? '' },
});
client.on('slash_commands', ({ ack }: { ack: () => Promise<void> }) => {
  void ack();
});
await client.start();
process.stdout.write('ready\n');
process.once('SIGTERM', () => void client.disconnect());
