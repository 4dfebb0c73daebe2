import { mkdirSync, writeFileSync } from 'node:fs';
import { startShow } from './cast.ts';
import { buttonsOf, type Person, type Value } from './discord/person.ts';
import type { Channel, Message } from './discord/world.ts';
import * as props from './props.ts';

/** `npm run demo`: the journey of the page without a browser, as a transcript; the delivered files go to `out/`. */
const folder = 'out';
const show = await startShow(40, 'mixed', { KUBEEZ_POLL_SECONDS: '1' });
const { discord, ada, ben, channel, guild, approvals, leads } = show;
const { world } = discord;

/** A server has a channel for each craft; Discord lets a bot write only so much into one (5 messages or edits in 5 s). */
const crafts = new Map<string, Channel>();
for (const [name, commands] of Object.entries({
  storyboard: ['video', 'animate'],
  dailies: ['motion', 'lipsync'],
  soundtrack: ['music', 'speech'],
  rehearsal: ['separate'],
  campaign: ['ad'],
})) {
  const craft = world.addChannel(guild, name);
  for (const command of commands) crafts.set(command, craft);
}
// Enough for one of each.
show.kubeez.platform.credits = 5000;
mkdirSync(folder, { recursive: true });

const people = new Map([ada, ben].map(({ user }) => [user.id, user.name]));
/** Roles, channels and people by their ids. */
const named = new Map([[leads.id, '@Leads'], [approvals.id, '#approvals'], ...people]);
/** Mentions and times as Discord's app would show them. */
const readable = (text: string) =>
  text
    .replace(/<@(\d+)>/g, (_, id) => `@${people.get(id)}`)
    .replace(/<[@#]&?(\d+)>/g, (whole, id) => named.get(id) ?? whole)
    .replace(/<t:(\d+):\w>/g, (_, seconds) => new Date(Number(seconds) * 1000).toISOString().slice(11, 19));
const say = (who: string, text: string) =>
  console.log(
    `${who.padEnd(7)}${readable(text)
      .split('\n')
      .join(`\n${' '.repeat(7)}`)}`,
  );
const textOf = (message: Message) =>
  [message.content, ...message.embeds.map(({ title, description }) => `${title}\n${description}`)]
    .filter(Boolean)
    .join('\n');
const withButtons = (message: Message) =>
  [
    textOf(message),
    buttonsOf(message)
      .map((button) => `[ ${button.label} ]`)
      .join(' '),
  ]
    .filter(Boolean)
    .join('\n');

/** Shows every change of a message from now on. */
function follow(message: Message): void {
  let last = '';
  const look = () => {
    const text = withButtons(message);
    if (text === last) return;
    last = text;
    say('Kubeez', text);
    console.log();
  };
  world.on('change', look);
  look();
}

const picture = (name: string) => props.picture(`${name}.png`, { width: 640, height: 360 });
const film = (name: string) => props.film(`${name}.mp4`, 4, { width: 320, height: 180 });
const sound = (name: string) => props.tune(`${name}.mp3`, 5);

async function command(name: string, values: Record<string, Value>, who: Person = ada): Promise<Message> {
  say(
    who.user.name,
    `/${name} ${Object.entries(values)
      .map(([key, value]) => `${key}:${typeof value === 'object' ? value.name : (named.get(String(value)) ?? value)}`)
      .join(' ')}`,
  );
  const outcome = await who.command(crafts.get(name) ?? channel, name, values);
  if (outcome.type !== 'message') throw new Error(`The command was answered with ${outcome.type}`);
  follow(outcome.message);
  return outcome.message;
}

async function press(message: Message, label: string, who: Person = ada): Promise<void> {
  const button = await world.until(
    () => buttonsOf(message).find((one) => one.label.startsWith(label) && !one.disabled),
    label,
  );
  say(who.user.name, `presses [ ${button.label} ]`);
  await who.press(message, label);
}

/** A command that changes something for the whole server. */
async function set(name: string, values: Record<string, Value>): Promise<void> {
  const answer = await command(name, values);
  await world.until(() => answer.content, 'an answer');
}

/** Waits for the result and keeps its files. */
async function keep(message: Message): Promise<void> {
  await world.until(() => textOf(message).includes('✅'), 'the result', 60_000);
  for (const { url, filename, description } of message.attachments) {
    const data = Buffer.from(await (await fetch(url)).arrayBuffer());
    writeFileSync(`${folder}/${filename}`, data);
    say('', `→ ${folder}/${filename} (${data.length.toLocaleString('en')} bytes), alt text “${description}”\n`);
  }
}

/** A command and its Confirm. */
async function begin(name: string, values: Record<string, Value>): Promise<Message> {
  const message = await command(name, values);
  await press(message, 'Confirm');
  return message;
}

const begun = Date.now();

// These take longest, or say nothing of the time they take: begun first, looked at last.
const advert = await begin('ad', {
  product: 'A mug that keeps tea warm',
  variants: 3,
  language: 'en',
  reference: await picture('an-ad-we-like'),
  image: await picture('mug'),
});
const parts = await begin('separate', { file: sound('band-rehearsal') });
const dubbed = await begin('dub', { languages: 'German, French', file: await film('welcome') });

say('Ada', 'types /image and looks for a model: nano');
const choices = await ada.suggestions(channel, 'image', 'model', 'nano');
say('', `${choices?.map((choice) => choice.name).join('\n')}\n`);

const fox = await command('image', {
  prompt: 'a fox in snow, soft morning light',
  model: 'nano-banana',
  aspect: '16:9',
});
await world.until(() => buttonsOf(fox).some((button) => button.label.startsWith('Confirm')), 'a price');
const refused = await ben.press(fox, 'Confirm');
say('Ben', 'presses Confirm on Ada’s card');
if (refused.type === 'message') say('Kubeez', `(to Ben alone) ${refused.message.content}\n`);
await press(fox, 'Confirm');
await keep(fox);

const edit = await command('edit', { prompt: 'make it night, with northern lights', model: 'nano-banana-edit' });
const dm = await world.until(() => ada.directMessages().find(({ content }) => content.startsWith('http')), 'a link');
for (const { content } of ada.directMessages()) say('Kubeez', `(DM to Ada) ${content}\n`);
const { name, data } = await picture('my-photo');
const upload = new FormData();
upload.append('file', new File([new Uint8Array(data)], name));
await fetch(dm.content, { method: 'POST', body: upload });
say('Ada', `uploads ${name} there`);
await press(edit, 'Done');
await press(edit, 'Confirm');
await keep(edit);

say('Ben', 'goes on from Ada’s fox: presses [ Vary ] and asks for 3');
const varied = await ben.press(fox, 'Vary');
if (varied.type !== 'form') throw new Error('No form');
const variants = await ben.submit(channel, varied.form, { variants: '3' }, fox);
if (variants.type !== 'message') throw new Error('No card');
follow(variants.message);
await world.until(() => buttonsOf(variants.message).some((button) => button.label.startsWith('Confirm')), 'a price');
say('Ben', 'presses [ Confirm ]');
await ben.press(variants.message, 'Confirm');
await keep(variants.message);

const clip = await begin('video', { prompt: 'a paper ship in fog', model: 'grok-text-to-video-6s' });
await keep(clip);
say('Ada', 'goes on from the clip: presses [ Caption ]');
await ada.press(clip, 'Caption');
const captions = await world.until(
  () => world.messagesIn(clip.channel).findLast((message) => message.id > clip.id),
  'a card',
);
follow(captions);
await press(captions, 'Confirm');
await keep(captions);

// Several at once, as a team would.
const together = [
  await begin('animate', {
    prompt: 'the fox looks up',
    model: 'kling-2-6-image-to-video-5s',
    image: await picture('fox'),
  }),
  await begin('motion', { prompt: 'she dances', video: await film('dance'), image: await picture('dancer') }),
  await begin('lipsync', {
    prompt: 'she sings',
    model: 'p-video',
    audio: sound('voice'),
    image: await picture('singer'),
  }),
  await begin('music', { prompt: 'slow folk about rain on a tin roof' }),
  await begin('speech', { text: 'Good morning, and welcome to the studio.', voice: 'Rachel' }),
  await begin('cutout', { image: await picture('mug') }),
  await begin('sound', { prompt: 'rain on a tin roof', seconds: 5 }),
];
for (const message of together) await keep(message);

const dear = await command('image', { prompt: 'something dear', model: 'logo-maker' });
await world.until(() => buttonsOf(dear).some((button) => button.label.startsWith('Confirm')), 'a price');
await press(dear, 'Cancel');
await world.until(() => textOf(dear).includes('Cancelled'), 'the end');

// Money in a shared channel: a dear request of Ben's waits for a lead, and a spend limit refuses the next one.
await set('budget approval', { above: 50, approvers: leads.id, channel: approvals.id });
const asked = await command('video', { prompt: 'a lighthouse in a storm', model: 'kling-3-0-std' }, ben);
await press(asked, 'Confirm', ben);
const request = await world.until(() => world.messagesIn(approvals.id)[0], 'a request');
follow(request);
await press(request, 'Approve');
await keep(asked);
await set('budget set', { credits: 60, per: 'week', person: ben.user.id });
const tooMuch = await command('video', { prompt: 'the storm is over', model: 'kling-3-0-std' }, ben);
await world.until(() => textOf(tooMuch).includes('Nothing was spent'), 'a refusal');

await keep(parts);
await keep(dubbed);
await keep(advert);

console.log(
  `A result of each kind for ${Math.round((5000 - show.kubeez.platform.credits) * 100) / 100} credits in ${Math.round((Date.now() - begun) / 1000)} s; nothing was spent that was not confirmed.`,
);
await show.close();
process.exit(0);
