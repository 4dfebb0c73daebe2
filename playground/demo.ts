import { mkdirSync, writeFileSync } from 'node:fs';
import { startShow } from './cast.ts';
import { buttonsOf, type Value } from './discord/person.ts';
import type { Message } from './discord/world.ts';
import { png } from './kubeez/media.ts';

/** `npm run demo`: the journey of the page without a browser, as a transcript; the delivered files go to `out/`. */
const folder = 'out';
const show = await startShow(12);
const { discord, ada, ben, channel } = show;
const { world } = discord;
mkdirSync(folder, { recursive: true });

const people = new Map([ada, ben].map(({ user }) => [user.id, user.name]));
/** Mentions and times as Discord's app would show them. */
const readable = (text: string) =>
  text
    .replace(/<@(\d+)>/g, (_, id) => `@${people.get(id)}`)
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

async function command(name: string, values: Record<string, Value>): Promise<Message> {
  say(
    'Ada',
    `/${name} ${Object.entries(values)
      .map(([key, value]) => `${key}:${typeof value === 'object' ? value.name : value}`)
      .join(' ')}`,
  );
  const outcome = await ada.command(channel, name, values);
  if (outcome.type !== 'message') throw new Error(`The command was answered with ${outcome.type}`);
  follow(outcome.message);
  return outcome.message;
}

async function press(message: Message, label: string): Promise<void> {
  const button = await world.until(() => buttonsOf(message).find((one) => one.label.startsWith(label)), label);
  say('Ada', `presses [ ${button.label} ]`);
  await ada.press(message, label);
}

/** Waits for the result and keeps its files. */
async function keep(message: Message): Promise<void> {
  await world.until(() => textOf(message).includes('✅'), 'the result', 30_000);
  for (const { url, filename, description } of message.attachments) {
    const data = Buffer.from(await (await fetch(url)).arrayBuffer());
    writeFileSync(`${folder}/${filename}`, data);
    say('', `→ ${folder}/${filename} (${data.length.toLocaleString('en')} bytes), alt text “${description}”\n`);
  }
}

const begun = Date.now();

say('Ada', 'types /image and looks for a model: nano');
const choices = await ada.suggestions(channel, 'image', 'model', 'nano');
say('', `${choices?.map((choice) => choice.name).join('\n')}\n`);

const picture = await command('image', {
  prompt: 'a fox in snow, soft morning light',
  model: 'nano-banana',
  aspect: '16:9',
});
await world.until(() => buttonsOf(picture).some((button) => button.label.startsWith('Confirm')), 'a price');
const refused = await ben.press(picture, 'Confirm');
say('Ben', 'presses Confirm on Ada’s card');
if (refused.type === 'message') say('Kubeez', `(to Ben alone) ${refused.message.content}\n`);
await press(picture, 'Confirm');
await keep(picture);

const edit = await command('edit', { prompt: 'make it night, with northern lights', model: 'nano-banana-edit' });
const dm = await world.until(() => ada.directMessages().at(-1), 'a DM');
say('Kubeez', `(DM to Ada) ${dm.content}\n`);
const form = new FormData();
form.append(
  'file',
  new File([new Uint8Array(await png({ prompt: 'my photo', seed: 1, width: 640, height: 360 }))], 'my-photo.png'),
);
await fetch(dm.content, { method: 'POST', body: form });
say('Ada', 'uploads my-photo.png there');
await press(edit, 'Done');
await press(edit, 'Confirm');
await keep(edit);

const clip = await command('video', { prompt: 'a paper ship in fog', model: 'grok-text-to-video-6s' });
await press(clip, 'Confirm');
await keep(clip);

const second = await command('image', { prompt: 'something dear', model: 'logo-maker' });
await world.until(() => buttonsOf(second).some((button) => button.label.startsWith('Confirm')), 'a price');
await press(second, 'Cancel');
await world.until(() => textOf(second).includes('Cancelled'), 'the end');

const spent = 1000 - show.kubeez.platform.credits;
console.log(
  `Three results for ${spent} credits in ${Math.round((Date.now() - begun) / 1000)} s; nothing was spent that was not confirmed.`,
);
await show.close();
process.exit(0);
