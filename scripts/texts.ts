import { readFileSync, writeFileSync } from 'node:fs';
import { messagesOf } from '../src/text/messages.ts';
import { keysFile } from './textKeys.ts';
import { textsPage } from './textPage.ts';

/** `npm run texts`: writes what is made from the sentences, their types and their page. */
const messages = messagesOf(JSON.parse(readFileSync('src/text/en.json', 'utf8')));
writeFileSync('src/text/keys.ts', keysFile(messages));
writeFileSync('docs/texts.md', textsPage(messages));
