/**
 * A record without what would be a key in the hands of whoever reads it: tokens of interactions and links to uploads. What
 * is sealed stays: it is of no use without `STATE_KEY`. A request that waits for files gets a new link where this is
 * restored.
 */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecretsIn(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (isToken.test(name) && typeof inner === 'string') return [name, ''];
      // The session of an upload: all of it leads to the same place.
      if (isUpload.test(name) && typeof inner === 'object' && inner !== null && 'token' in inner) return [name, null];
      return [name, withoutSecrets(inner)];
    }),
  );
}

const isToken = /token$/i;
const isUpload = /^(upload|session)$/;

/** The same in a text that is a record no more. */
const withoutSecretsIn = (text: string) => text.replace(/("(?:\w*token|url|direct)"\s*:\s*)"[^"]*"?/gi, '$1""');
