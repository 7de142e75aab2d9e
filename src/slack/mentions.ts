/** People whom a typed line mentions, as Slack writes them where the app asks for it: `<@U1|alice>`. Pure. */
export function mentionsIn(text: string): { id: string; name: string }[] {
  return [...text.matchAll(/<@([UW][A-Z0-9]+)\|([^<>|]+)>/g)].map(([, id = '', name = '']) => ({ id, name }));
}
