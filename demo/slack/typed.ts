import type { Workspace } from './workspace.ts';

const LINK =
  /\bhttps?:\/\/[^\s<>]+|(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|co|app|cloud)(?::\d+)?(?:\/[^\s<>]*)?/gi;

/** What Slack makes of `&`, `<` and `>` in everything that a person types. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * A person's words as an app gets them: escaped, and with mentions and links as references (for commands: where the
 * manifest says `should_escape`). Even a bare `registry.example.com/web` becomes `<http://..|..>`.
 */
export function typedText(text: string, workspace: Workspace, references: boolean): string {
  const escaped = escapeText(text);
  if (!references) return escaped;
  const linked = escaped.replace(LINK, (link) =>
    /^https?:/i.test(link) ? `<${link}>` : `<http://${link}|${link}>`,
  );
  return linked
    .replace(/(^|[\s(,])@([a-z0-9._-]*[a-z0-9])/gi, (whole, before: string, name: string) => {
      const lower = name.toLowerCase();
      if (['here', 'channel', 'everyone'].includes(lower)) return `${before}<!${lower}>`;
      const person = [...workspace.people.values()].find((one) => one.name === lower);
      if (person) return `${before}<@${person.id}|${person.name}>`;
      const group = [...workspace.usergroups.values()].find((one) => one.handle === lower);
      return group ? `${before}<!subteam^${group.id}|@${group.handle}>` : whole;
    })
    .replace(/(^|[\s(,])#([a-z0-9_-]+)/gi, (whole, before: string, name: string) => {
      const channel = [...workspace.channels.values()].find(
        (one) => !one.is_im && one.name === name.toLowerCase(),
      );
      return channel ? `${before}<#${channel.id}|${channel.name}>` : whole;
    });
}
