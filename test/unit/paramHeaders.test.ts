import { expect, test } from 'vitest';
import { headerValue, paramHeaders, repeated } from '../../src/kubeez/paramHeaders.ts';

const schema = {
  type: 'object',
  properties: {
    model: { type: 'string', 'x-mcp-header': 'Model' },
    seed: { type: 'integer', 'x-mcp-header': 'Seed' },
    sound: { type: 'boolean', 'x-mcp-header': 'Sound' },
    prompt: { type: 'string' },
    output: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
    odd: { 'x-mcp-header': 7, properties: 'none' },
  },
};

test('arguments that a tool wants in headers are repeated there, others are not', () => {
  const args = { model: 'nano', seed: 7, sound: false, prompt: 'a fox', output: { region: 'Zürich' } };
  expect(repeated(paramHeaders(schema), args)).toEqual([
    ['Mcp-Param-Model', 'nano'],
    ['Mcp-Param-Seed', '7'],
    ['Mcp-Param-Sound', 'false'],
    ['Mcp-Param-Region', `=?base64?${Buffer.from('Zürich').toString('base64')}?=`],
  ]);
  expect(repeated(paramHeaders(schema), { prompt: 'a fox' })).toEqual([]);
  expect(paramHeaders(null)).toEqual([]);
});

test.each([' a', 'a\nb', '🦊', '=?base64?YQ==?='])('a header never has %j as it is', (text) => {
  const value = headerValue(text);
  const inner = /^=\?base64\?(.*)\?=$/.exec(value)?.[1] ?? '';
  expect(Buffer.from(inner, 'base64').toString()).toBe(text);
});
