import { parse } from 'dotenv';

/** Values by the names of their variables. */
export type Values = Record<string, string>;

/**
 * The text of a `.env` with these values in it. A line that sets one of them is replaced, all others stay as they are;
 * what no line sets is added at the end.
 */
export function withValues(text: string, values: Values): string {
  const replaced = Object.entries(values).reduce(replaceLines, text);
  const missing = Object.entries(values).filter(([name, value]) => parse(replaced)[name] !== value);
  const whole = append(replaced, missing);
  // A line that looks like one of these may be a part of a longer value: then nothing is replaced, and the last line wins.
  return isAsMeant(whole, text, values) ? whole : append(text, Object.entries(values));
}

function replaceLines(text: string, [name, value]: [string, string]): string {
  const line = new RegExp(`^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=).*$`, 'gm');
  return text.replace(line, (_, start: string) => start + quoted(value));
}

function append(text: string, values: [string, string][]): string {
  if (values.length === 0) return text;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text === '' || text.endsWith('\n') ? text : text + newline;
  return start + values.map(([name, value]) => `${name}=${quoted(value)}${newline}`).join('');
}

/** As `dotenv` reads it back: bare where that is safe, else between marks that the value does not have. */
function quoted(value: string): string {
  if (/^[\w.+/=:@,~-]*$/.test(value)) return value;
  const mark = ["'", '`', '"'].find((one) => !value.includes(one)) ?? "'";
  return mark + value + mark;
}

function isAsMeant(text: string, before: string, values: Values): boolean {
  const [read, meant] = [parse(text), { ...parse(before), ...values }];
  const names = new Set([...Object.keys(read), ...Object.keys(meant)]);
  return [...names].every((name) => read[name] === meant[name]);
}
