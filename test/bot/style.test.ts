import { beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../playground/discord/person.ts';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Channel, Message } from '../../playground/discord/world.ts';
import { formOf, idIn, labels, messageOf, textOf, useStage } from '../stage.ts';

/** The house style of a channel: set by managers, shown with the price, taken off once, and sent once. */
const stage = useStage();

const fox = { prompt: 'a fox', model: 'nano-banana' };
const managersOnly = 'Only somebody who may manage this server can do that. (KD-608)';

/** Ada may manage the server. */
beforeEach(() => stage.guild.admins.add(stage.ada.user.id));

async function open(person = stage.ada, channel = stage.channel): Promise<Message> {
  const card = messageOf(await person.command(channel, 'style'));
  await stage.discord.world.until(() => textOf(card) !== '', 'the card');
  return card;
}

/** How often a style was changed so far. */
const changes = () => stage.log.filter((line) => line.includes('style changed')).length;

/** Fills in the form of the style; what is left out stays empty. */
async function setStyle(values: Record<string, string>, channel: Channel = stage.channel): Promise<Message> {
  const card = await open(stage.ada, channel);
  const form = formOf(await stage.ada.press(card, 'Edit style'));
  const empty = { name: '', before: '', after: '', words: '', aspect: '' };
  const before = changes();
  // As somebody would send it who does not go by what the form allows.
  const forged: typeof form = JSON.parse(JSON.stringify(form).replace(/"max_length":\d+/g, '"max_length":4000'));
  const answer = await stage.ada.submit(channel, forged, { ...empty, ...values }, card);
  if (answer.type === 'message') return messageOf(answer);
  await stage.discord.world.until(() => changes() > before, 'a changed style');
  return card;
}

const paperMoon = { name: 'Paper Moon', after: 'soft grain' };
const ask = async (
  person: Person,
  values: Parameters<Person['command']>[2] = fox,
  command = 'image',
  channel = stage.channel,
) => messageOf(await person.command(channel, command, values));
const priced = (card: Message) => stage.discord.world.until(() => labels(card)[0]?.startsWith('Confirm ·'), 'a price');

async function styledQuote(values = fox, command = 'image', channel = stage.channel): Promise<Message> {
  const card = await ask(stage.ben, values, command, channel);
  await priced(card);
  return card;
}

const sent = async (count = 1) => String((await stage.job(count)).arguments.prompt);

test('a phrase is said with the price, sent with the prompt, and what was typed stays what was typed', async () => {
  await stage.startBot();
  await stage.says(await setStyle(paperMoon), '**Name:** Paper Moon');
  const card = await styledQuote();
  expect(textOf(card)).toContain('-# “Paper Moon” style adds “soft grain”.');
  expect(textOf(card)).toContain('> a fox\n');
  expect(labels(card)).toContain('Without style');
  await stage.ben.press(card, 'Confirm');
  expect(await sent()).toBe('a fox, soft grain');
  await stage.says(card, '✅');
  const form = formOf(await stage.ben.press(card, 'Edit prompt'));
  expect(JSON.stringify(form)).toContain('"value":"a fox"');
  const history = messageOf(await stage.ben.command(stage.channel, 'history', {}));
  await stage.says(history, 'a fox');
  expect(textOf(history)).not.toContain('grain');
});

test('Again has the style once, as it is by then', async () => {
  await stage.startBot();
  await setStyle(paperMoon);
  const card = await styledQuote();
  await stage.ben.press(card, 'Confirm');
  await stage.says(card, '✅');
  await setStyle({ name: 'Sunday', before: 'Watercolour of' });
  const again = messageOf(await stage.ben.press(card, 'Again'));
  await priced(again);
  expect(textOf(again)).toContain('“Sunday” style adds “Watercolour of”.');
  await stage.ben.press(again, 'Confirm');
  expect(await sent(2)).toBe('Watercolour of, a fox');
});

test('Without style takes it off once: quoted anew, confirmed only by another press', async () => {
  await stage.startBot();
  await setStyle(paperMoon);
  const card = await styledQuote();
  await stage.ben.press(card, 'Without style');
  await stage.says(card, '-# Without “Paper Moon” style this time.');
  await priced(card);
  expect(labels(card)).not.toContain('Without style');
  expect(stage.paid()).toBe(0);
  await stage.ben.press(card, 'Confirm');
  expect(await sent()).toBe('a fox');
  await stage.says(card, '✅');
  expect(textOf(await styledQuote())).toContain('style adds “soft grain”');
});

test('other words on the open card have the style once, and must fit together with it', async () => {
  const { platform } = stage.kubeez;
  platform.rows = platform.rows.map((row) =>
    row.model_id === 'nano-banana' ? { ...row, capabilities: { ...row.capabilities, prompt_max_chars: 1000 } } : row,
  );
  await stage.startBot();
  await setStyle({ ...paperMoon, after: 'grain '.repeat(50).trim() });
  const card = await styledQuote();
  const reword = async (prompt: string) =>
    stage.ben.submit(stage.channel, formOf(await stage.ben.press(card, 'Edit prompt')), { prompt }, card);
  await reword('a'.repeat(900));
  await stage.message((message) => message.content.includes('With what “Paper Moon” style adds'));
  expect(textOf(card)).toContain('> a fox\n');
  await reword('a hare');
  await stage.says(card, '> a hare\n');
  await priced(card);
  await stage.ben.press(card, 'Confirm');
  expect(await sent()).toBe(`a hare, ${'grain '.repeat(50).trim()}`);
});

test('nobody else takes the style off', async () => {
  await stage.startBot();
  await setStyle(paperMoon);
  const card = await styledQuote();
  const answer = messageOf(await stage.ada.press(card, 'Without style'));
  expect(answer.ephemeralFor).toBe(stage.ada.user.id);
  expect(textOf(card)).toContain('style adds');
});

test('a quote that waits keeps the style it was asked with, and a restart changes nothing', async () => {
  const first = await stage.startBot();
  await setStyle(paperMoon);
  const card = await styledQuote();
  await setStyle({ name: 'Sunday', after: 'watercolour' });
  await first.stop();
  await stage.startBot();
  await stage.ben.press(card, 'Confirm');
  expect(await sent()).toBe('a fox, soft grain');
});

test('an answer that got lost is found by what was sent', async () => {
  await stage.startBot();
  await setStyle(paperMoon);
  const card = await styledQuote();
  stage.kubeez.faults.push({ tool: /^generate_media$/, how: 'lost', times: 1 });
  await stage.ben.press(card, 'Confirm');
  await stage.discord.world.until(() => textOf(card).includes(' s · '), 'a found job');
  stage.clock.advance(11_000);
  await stage.says(card, '✅');
  expect(stage.paid()).toBe(1);
});

test('it holds in its channel and its threads, not in others', async () => {
  const { world } = stage.discord;
  const other = world.addChannel(stage.guild, 'other');
  await stage.startBot();
  await setStyle(paperMoon);
  expect(textOf(await styledQuote(fox, 'image', other))).not.toContain('style');
  const { thread } = stage;
  expect(textOf(await styledQuote(fox, 'image', thread))).toContain('“Paper Moon” style adds');
  await stage.says(await open(stage.ada, thread), 'Paper Moon');
});

test('words it does not use are refused, however they are spelled; in other channels they are not', async () => {
  const other = stage.discord.world.addChannel(stage.guild, 'other');
  await stage.startBot();
  await setStyle({ ...paperMoon, words: 'neon, glitter' });
  const refused = await ask(stage.ben, { ...fox, prompt: 'a n.e.o.n fox' });
  expect(refused.content).toContain('“Paper Moon” style of this channel does not use “neon”');
  expect(refused.ephemeralFor).toBe(stage.ben.user.id);
  await styledQuote({ ...fox, prompt: 'a neon fox' }, 'image', other);
  expect(stage.paid()).toBe(0);
});

test('words that came after the price are refused at Confirm, without repeating them to everybody', async () => {
  await stage.startBot();
  const card = await styledQuote({ ...fox, prompt: 'a neon fox' });
  await setStyle({ ...paperMoon, words: 'neon' });
  await stage.ben.press(card, 'Confirm');
  await stage.says(card, '“Paper Moon” style of this channel does not use one of these words');
  expect(stage.paid()).toBe(0);
});

describe('a blocked word in what a style adds', () => {
  const inTheWay = 'What “Paper Moon” style adds here has a word that is not allowed';
  const block = async (word: string) => {
    const said = messageOf(await stage.ada.command(stage.channel, 'block', { word }));
    await stage.says(said, 'any more.');
    return said;
  };

  test('whoever blocks it is told where, and /style says so until one of both is changed', async () => {
    await stage.startBot();
    await setStyle(paperMoon);
    expect(textOf(await block('glitter'))).not.toContain('style');
    expect(textOf(await block('grain'))).toContain(`What a style adds has it: in <#${stage.channel.id}>, prompts are`);
    expect(textOf(await open())).toContain('⚠️ A phrase has “grain” in it');
    expect((await setStyle(paperMoon)).content).toContain('A phrase of this style has “grain” in it');
    const mended = await setStyle({ ...paperMoon, after: 'soft light' });
    await stage.says(mended, 'soft light');
    expect(textOf(mended)).not.toContain('⚠️');
  });

  test('a request is not blamed for it: its card says whose word it is, and goes on without the style', async () => {
    await stage.startBot();
    await setStyle(paperMoon);
    await block('grain');
    const card = await ask(stage.ben);
    await stage.says(card, inTheWay);
    expect(textOf(card)).not.toContain('grain');
    expect(labels(card)[0]).toBe('Without style');
    const other = messageOf(await stage.ben.press(card, 'Without style'));
    await priced(other);
    expect(textOf(other)).toContain('-# Without “Paper Moon” style this time.');
    expect(stage.paid()).toBe(0);
    await stage.ben.press(other, 'Confirm');
    expect(await sent()).toBe('a fox');
  });

  test('blocked after the price was shown: the same at Confirm, and nothing is spent', async () => {
    await stage.startBot();
    await setStyle(paperMoon);
    const card = await styledQuote();
    await block('soft grain');
    await stage.ben.press(card, 'Confirm');
    await stage.says(card, inTheWay);
    expect(stage.paid()).toBe(0);
    const other = messageOf(await stage.ben.press(card, 'Without style'));
    await priced(other);
    await stage.ben.press(other, 'Confirm');
    expect(await sent()).toBe('a fox');
  });

  test('other words on an open card are refused for it, while **Without style** is on that card', async () => {
    await stage.startBot();
    await setStyle(paperMoon);
    const card = await styledQuote();
    const form = formOf(await stage.ben.press(card, 'Edit prompt'));
    await block('grain');
    const refused = messageOf(await stage.ben.submit(stage.channel, form, { prompt: 'a hare' }, card));
    expect(refused.content).toContain(inTheWay);
    await stage.ben.press(card, 'Without style');
    await stage.says(card, '-# Without “Paper Moon” style this time.');
    await priced(card);
  });
});

test('what no longer fits the model is said, never cut', async () => {
  await stage.startBot();
  await setStyle({ ...paperMoon, after: 'grain '.repeat(50).trim() });
  const flow = await styledQuote();
  const max = Number(
    stage.kubeez.platform.rows.find((row) => row.model_id === 'nano-banana')?.capabilities.prompt_max_chars,
  );
  expect(max).toBeGreaterThan(300);
  const refused = await ask(stage.ben, { ...fox, prompt: 'a'.repeat(max - 100) });
  expect(refused.content).toContain(
    `With what “Paper Moon” style adds, the prompt has ${(max + 201).toLocaleString('en')} characters`,
  );
  expect(refused.content).toContain('Nothing was spent.');
  expect(idIn(flow)).not.toBe('');
});

describe('defaults', () => {
  test('the model of the channel comes before that of the server, and each says where it holds from', async () => {
    await stage.startBot();
    const settings = messageOf(await stage.ada.command(stage.channel, 'settings'));
    await stage.says(settings, 'What you choose');
    await stage.ada.select(settings, 'settings:sections', ['image']);
    await stage.says(settings, 'Default model of /image');
    const defaults = formOf(await stage.ada.press(settings, 'Default model'));
    await stage.ada.submit(stage.channel, defaults, { model: 'Seedream V4', aspect: '16x9' }, settings);
    await stage.says(settings, '**Default aspect of /image:** 16:9');
    expect(textOf(await open())).toMatch(/Default model of \/image:\*\* .*\(the whole server\)/);
    expect(textOf(await styledQuote({ prompt: 'a fox' } as typeof fox))).toContain('the default model of this server');
    const card = await open();
    const form = formOf(await stage.ada.select(card, 'style:models', ['image']));
    await stage.ada.submit(stage.channel, form, { model: 'Nano Banana' }, card);
    await stage.says(card, '**Default model of /image:** Nano Banana (this channel)');
    const quote = await styledQuote({ prompt: 'a fox' } as typeof fox);
    expect(textOf(quote)).toContain('Nano Banana, the default model of this channel.');
    expect(textOf(quote)).toContain(' · 16:9');
  });

  test('the aspect of the channel is taken where nobody named one, and the model has it', async () => {
    await stage.startBot();
    await stage.says(await setStyle({ aspect: '9x16' }), '9:16 (this channel)');
    expect(textOf(await styledQuote())).toContain(' · 9:16');
    expect(textOf(await styledQuote({ ...fox, aspect: '1:1' } as typeof fox))).toContain(' · 1:1');
  });
});

describe('default options', () => {
  const clip = { prompt: 'a fox', model: 'kling-3-0-std' };
  const quote = (values: Record<string, string | boolean> = clip) => styledQuote(values as typeof fox, 'video');

  /** Writes them on the card of `/settings`. */
  async function setOptions(values: Record<string, string>) {
    const card = messageOf(await stage.ada.command(stage.channel, 'settings'));
    await stage.says(card, 'What you choose');
    await stage.ada.select(card, 'settings:sections', ['video']);
    await stage.says(card, '**Default options of /video:**');
    const form = formOf(await stage.ada.press(card, 'Default options'));
    return { card, answer: await stage.ada.submit(stage.channel, form, values, card) };
  }

  /** Writes those of the channel on the card of `/style`. */
  async function setOwn(values: Record<string, string>) {
    const card = await open();
    const form = formOf(await stage.ada.select(card, 'style:models', ['video']));
    return { card, answer: await stage.ada.submit(stage.channel, form, { model: '', ...values }, card) };
  }

  test('those of the server are taken where nobody named one and the model has exactly that', async () => {
    await stage.startBot();
    const { card } = await setOptions({ duration: '10', sound: 'yes' });
    await stage.says(card, '**Default options of /video:** 10s · with sound');
    const usual = textOf(await quote());
    expect(usual).toMatch(/10 ?s\b/);
    expect(usual).toContain('with sound');
    expect(usual).toContain('**210 credits**');
    const typed = textOf(await quote({ ...clip, duration: '5', sound: false }));
    expect(typed).toMatch(/5 ?s\b/);
    expect(typed).toContain('silent');
    // It has no such length, and nothing to decide about its sound.
    const other = textOf(await quote({ ...clip, model: 'kling-2-6-text-to-video-5s' }));
    expect(other).not.toMatch(/10 ?s\b|with sound/);
    await stage.ada.press(card, '◀ Back');
    await stage.says(card, 'Where I make things');
    expect(textOf(card)).toContain('**Default options of /video:** 10s · with sound');
    await stage.ada.press(card, 'Undo the last change');
    await stage.discord.world.until(() => !textOf(card).includes('Default options'), 'what held before');
    expect(textOf(await quote())).toMatch(/3 ?s\b/);
  });

  test('those of the channel come first, one by one, and the card says where each holds from', async () => {
    await stage.startBot();
    await setOptions({ duration: '10', sound: 'yes' });
    const { card } = await setOwn({ duration: '6s', sound: 'none' });
    await stage.says(card, '**Default options of /video:** 6s (this channel)');
    expect(textOf(card)).toContain('**Default options of /video:** 10s · with sound (the whole server)');
    const here = textOf(await quote());
    expect(here).toMatch(/6 ?s\b/);
    expect(here).toContain('with sound');
  });

  test('where nobody named a model, one is taken that has what was typed, and else what is usual here', async () => {
    await stage.startBot();
    const free = { prompt: 'a fox' };
    expect(textOf(await quote({ ...free, duration: '10s' }))).toMatch(/10 ?s\b/);
    const { card } = await setOptions({ duration: '10', sound: 'yes' });
    await stage.says(card, '10s · with sound');
    const usual = textOf(await quote(free));
    expect(usual).toMatch(/10 ?s\b/);
    expect(usual).toContain('with sound');
    expect(textOf(await quote({ ...free, duration: '3s' }))).toMatch(/ 3 ?s\b/);
  });

  test('what no model has is refused with what they have, and changes nothing', async () => {
    await stage.startBot();
    const sentence = 'No model of /video has this under Duration: “99s”. Write one of these: ';
    const { answer } = await setOptions({ duration: '99s' });
    expect(messageOf(answer).content).toContain(sentence);
    const own = await setOwn({ duration: '99s' });
    expect(messageOf(own.answer).content).toContain(sentence);
    expect(textOf(await open())).not.toContain('Default options');
  });
});

describe('as an attacker', () => {
  test('nobody but managers sees or changes it; a lost right counts at once', async () => {
    await stage.startBot();
    const refused = messageOf(await stage.ben.command(stage.channel, 'style', { clear: true }));
    await stage.says(refused, managersOnly);
    const card = await open();
    const form = formOf(await stage.ada.press(card, 'Edit style'));
    stage.guild.admins.delete(stage.ada.user.id);
    expect(messageOf(await stage.ada.submit(stage.channel, form, paperMoon, card)).content).toContain(managersOnly);
    expect(messageOf(await stage.ada.press(card, 'Edit style')).content).toContain(managersOnly);
    expect(textOf(await styledQuote())).not.toContain('style');
  });

  test('the manager of another server changes that server only, whatever ids they press', async () => {
    const { world } = stage.discord;
    await stage.startBot();
    await setStyle(paperMoon);
    const theirs = world.addGuild('Other', [stage.ben.user]);
    const channel = world.addChannel(theirs, 'general');
    theirs.admins.add(stage.ben.user.id);
    const card = await open(stage.ben, channel);
    expect(textOf(card)).not.toContain('Paper Moon');
    const form = formOf(await stage.ben.press(card, 'Edit style'));
    await stage.ben.submit(channel, form, { name: 'Theirs', after: 'their phrase' }, card);
    await stage.says(card, 'Theirs');
    expect(textOf(await styledQuote())).toContain('“Paper Moon” style adds “soft grain”.');
  });

  test.each([
    [{ after: 'x'.repeat(301) }, 'A phrase is too long'],
    [{ before: 'y'.repeat(4000) }, 'A phrase is too long'],
    [{ name: 'z'.repeat(61) }, 'The name is too long'],
    [{ words: 'a' }, 'I cannot look for “a”'],
    [{ words: Array.from({ length: 51 }, (_, index) => `word${index}`).join(',') }, 'too many words'],
    [{ after: 'neon light', words: 'neon' }, 'A phrase of this style has “neon” in it'],
    [{ aspect: '7:3' }, 'No model makes the aspect “7:3”'],
  ])('%j is refused and changes nothing', async (values, sentence) => {
    await stage.startBot();
    const before = await stage.readRecord(`guild:${stage.guild.id}`);
    expect((await setStyle(values)).content).toContain(sentence);
    expect(await stage.readRecord(`guild:${stage.guild.id}`)).toBe(before);
  });

  test('markdown, mentions and direction overrides are shown as they were typed', async () => {
    await stage.startBot();
    const card = await setStyle({ name: '**@everyone** \u202ex', after: '\u202e<@1> `rm` \u200b# big' });
    await stage.says(card, '\\@everyone');
    expect(textOf(card)).not.toContain('\u202e');
    const quote = await styledQuote();
    expect(textOf(quote)).toContain('“\\*\\*\\@everyone\\*\\* x” style adds “\\<\\@1> \\`rm\\` # big”');
    await stage.ben.press(quote, 'Confirm');
    expect(await sent()).toBe('a fox, <@1> `rm` # big');
  });
});

test('/style clear takes it away, and says so where there was none', async () => {
  await stage.startBot();
  await setStyle(paperMoon);
  const clear = async () => messageOf(await stage.ada.command(stage.channel, 'style', { clear: true }));
  await stage.says(await clear(), 'The style of this channel is gone.');
  await stage.says(await clear(), 'This channel has no style.');
  const quote = await styledQuote();
  expect(buttonsOf(quote).map(({ label }) => label)).not.toContain('Without style');
});
