import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unreachable } from '../../src/doctor/reach.ts';
import { KubeezError } from '../../src/kubeez/errors.ts';
import { withValues } from '../../src/setup/envText.ts';
import { botTokenProblem, tokenProblem } from '../../src/setup/tokenProblem.ts';

describe('.env with other values in it', () => {
  it.each([
    ['', 'A=1\n'],
    ['B=2', 'B=2\nA=1\n'],
    ['# A=0\nA=0 # old\nB=2\n', '# A=0\nA=1\nB=2\n'],
    ['export A = "0"\n', 'export A =1\n'],
    ['A=0\nA=00\n', 'A=1\nA=1\n'],
    ['B=2\r\nA=0\r\n', 'B=2\r\nA=1\r\n'],
    ['B=2\r\n', 'B=2\r\nA=1\r\n'],
    ['AA=0\nB=A=0\n', 'AA=0\nB=A=0\nA=1\n'],
    ['B="first\nA=0\nlast"\n', 'B="first\nA=0\nlast"\nA=1\n'],
  ])('%j', (before, after) => {
    expect(withValues(before, { A: '1' })).toBe(after);
  });

  it('is read back as it was meant, and says of all else what it said before', () => {
    const name = fc.constantFrom('A', 'B', 'AB');
    // An open quotation mark, or a line such as `A:`, would take whatever follows for its value.
    const text = fc.string().filter((one) => !/['"`:]/.test(one));
    const line = fc.oneof(
      fc.tuple(name, text).map(([one, value]) => `${one}=${value}`),
      text,
      fc.constantFrom('# A=1', 'export B=2', "A='x\nA=y'", 'B="1\n2"', ''),
    );
    // What no header can carry is refused before, and of what has every mark that there is no .env can tell.
    const hasEveryMark = (text: string) => ["'", '`', '"'].every((mark) => text.includes(mark));
    const token = fc
      .string({ minLength: 1 })
      .filter((text) => tokenProblem(text) === undefined && text === text.trim() && !hasEveryMark(text));
    fc.assert(
      fc.property(fc.array(line), token, fc.constantFrom('\n', '\r\n'), (lines, value, newline) => {
        const before = lines.join(newline);
        const values = { A: value, NEW: 'k+/=' };
        expect(parse(withValues(before, values))).toEqual({ ...parse(before), ...values });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what was pasted as a token', () => {
  it.each([
    [undefined, 'Paste it first'],
    ['  ', 'Paste it first'],
    ['Bot abc', 'without “Bot”'],
    ['bearer abc', 'without “bearer”'],
    ['abc def', 'a space or a line break'],
    ['“abc”', 'without quotation marks'],
    ['DISCORD_TOKEN=abc', 'after the equals sign'],
    ['abc…', 'cannot be part of it'],
  ])('%j is no token', (pasted, said) => {
    expect(tokenProblem(pasted)).toContain(said);
    expect(botTokenProblem(pasted)).toContain(said);
  });

  it('may be one', () => {
    for (const token of ['MTA.abc-_.def', ' sk_live_1 ', 'a2V5==', 'Bottle'])
      expect([tokenProblem(token), botTokenProblem(token)]).toEqual([undefined, undefined]);
    expect(tokenProblem('1'.repeat(18))).toBe(undefined);
    expect(botTokenProblem('1'.repeat(18))).toContain('That is an id');
    expect(botTokenProblem('0aF'.repeat(21).padEnd(64, '1'))).toContain('That is the public key');
  });
});

describe('an address that could not be reached', () => {
  const withCode = (code: string) => Object.assign(new Error('failed'), { code });
  const address = 'https://mcp.kubeez.com/mcp?key=secret';

  it.each([
    [withCode('ENOTFOUND'), 'its name was not found'],
    [new TypeError('fetch failed', { cause: withCode('EAI_AGAIN') }), 'its name was not found'],
    [new KubeezError('outage', '', new Error('x', { cause: withCode('ECONNREFUSED') })), 'it refused the connection'],
    [new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]), 'it refused the connection'],
    [withCode('UND_ERR_CONNECT_TIMEOUT'), 'it did not answer in time'],
    [new DOMException('aborted', 'AbortError'), 'it did not answer in time'],
    [withCode('SELF_SIGNED_CERT_IN_CHAIN'), 'this computer does not trust its certificate'],
    [withCode('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'), 'this computer does not trust its certificate'],
    [withCode('ECONNRESET'), 'the connection failed'],
  ])('%s', (error, said) => {
    expect(unreachable(error, address)).toBe(`https://mcp.kubeez.com could not be reached: ${said}`);
  });

  it('is not what an answer says', () => {
    for (const error of [withCode('50001'), new Error('x'), new KubeezError('outage'), 'ENOTFOUND'])
      expect(unreachable(error, address)).toBe(undefined);
  });
});
