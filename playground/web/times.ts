const formats: Record<string, Intl.DateTimeFormatOptions> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
  s: { dateStyle: 'short', timeStyle: 'short' },
  S: { dateStyle: 'short', timeStyle: 'medium' },
};
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const units: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** A timestamp as Discord words it. `seconds` since 1970; `now` in milliseconds; `style` as in `<t:…:R>`. */
export function timeText(seconds: number, style: string, now: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return 'Invalid date';
  if (style !== 'R') return new Intl.DateTimeFormat('en', formats[style] ?? formats.f).format(date);
  const away = seconds - now / 1000;
  const [unit, length] = units.find(([, size]) => Math.abs(away) >= size * 1.5) ?? ['second', 1];
  return relative.format(Math.round(away / length), unit);
}

/** The day of a time in milliseconds since 1970, as it stands above the first message of it. */
export const dayText = (at: number): string => new Intl.DateTimeFormat('en', { dateStyle: 'long' }).format(at);
