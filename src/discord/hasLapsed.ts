/**
 * Whether the address of a file of Discord's has expired, as it says in `ex` (docs: reference, Signed Attachment CDN URLs).
 *
 * @param now milliseconds since 1970
 */
export function hasLapsed(url: string, now: number): boolean {
  const until = URL.canParse(url) ? new URL(url).searchParams.get('ex') : null;
  return until !== null && Number.parseInt(until, 16) * 1000 < now;
}
