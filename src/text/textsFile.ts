import { readFileSync } from 'node:fs';
import { readOverrides } from './overrides.ts';
import { type Overrides, t } from './text.ts';

/** Reads the sentences that whoever runs the bot puts in the place of its own (`TEXTS_FILE`), or says what is wrong there. */
export function readTextsFile(file: string): { ok: true; overrides: Overrides } | { ok: false; sentence: string } {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, sentence: t('start.texts.notRead', { file, why }) };
  }
  const read = readOverrides(given);
  return read.ok ? read : { ok: false, sentence: t('start.texts.inFile', { file, problem: read.sentence }) };
}
