import { readFileSync, writeFileSync } from 'node:fs';
import { messagesOf } from '../src/text/messages.ts';
import advice from './errorAdvice.json' with { type: 'json' };
import { codesSchema, errorsPage } from './errorsPage.ts';
import { keysFile } from './textKeys.ts';
import { textsPage } from './textPage.ts';

/** `npm run texts`: writes what is made from the sentences, their types, their page and that of the codes. */
const messages = messagesOf(JSON.parse(readFileSync('src/text/en.json', 'utf8')));
const codes = codesSchema.parse(JSON.parse(readFileSync('src/text/codes.json', 'utf8')));
writeFileSync('src/text/keys.ts', keysFile(messages));
writeFileSync('docs/texts.md', textsPage(messages));
writeFileSync('docs/errors.md', errorsPage(codes, messages, advice));
