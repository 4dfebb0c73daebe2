/** Longer addresses are not linked to: ten of them have to fit on a card. */
const maxLength = 1500;

/** Characters that could end a link in Discord's markdown, or begin another. */
const special = /[()[\]<>|\\`\s]/g;

/**
 * An address from outside as a message may link to it: https, or one of `origins`, and encoded so that nothing in it
 * ends the link. Undefined for anything else. All that messages link to goes through here.
 */
export function linkTo(address: string, origins: ReadonlySet<string>): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && origins.has(url.origin));
  if (!isAllowed) return undefined;
  // What stands before the host would be read as the host itself.
  url.username = '';
  url.password = '';
  const link = url.href.replace(special, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return link.length <= maxLength && URL.canParse(link) ? link : undefined;
}
