import { expect, test } from 'vitest';
import { picture, pictureFile } from '../../playground/props.ts';
import { messageOf, textOf, uploadLink, uploadTo, useStage } from '../stage.ts';

const stage = useStage();

const reference = () => picture('their-ad.png');
const mug = () => picture('mug.png');

test('/ad: one job a variant, one square each, delivered together', async () => {
  stage.holdJobs();
  stage.kubeez.platform.settings.chargesInStatus = true;
  await stage.startBot();
  const card = messageOf(
    await stage.ada.command(stage.channel, 'ad', {
      product: 'A mug that keeps tea warm',
      variants: 3,
      language: 'de',
      aspect: '4:5',
      reference: await reference(),
      image: await mug(),
    }),
  );
  await stage.card('150 credits');
  await stage.ada.press(card, 'Confirm');
  await stage.card('🟨🟨🟨');
  const [first, second, third] = [...stage.kubeez.platform.jobs.keys()];
  stage.kubeez.platform.finish(first ?? '');
  // The answer to the start names no time: the row does.
  stage.clock.advance(31_000);
  await stage.card('🟩🟨🟨');
  expect(card.attachments).toEqual([]);
  stage.kubeez.platform.finish(second ?? '', 'failed', 'The provider was asleep.');
  stage.kubeez.platform.finish(third ?? '');
  await stage.card('✅');
  // The one that failed does not sink the others, and the card says what was charged.
  expect(textOf(card)).toMatch(/✅ 2 of 3 · 100 credits · \d+ (s|min) · 1 failed/);
  expect(textOf(card)).toContain('🟩🟥🟩');
  expect(card.attachments).toHaveLength(2);
  expect((await stage.job(3)).arguments).toMatchObject({
    product_text: 'A mug that keeps tea warm',
    variant_count: 3,
    language: 'de',
    aspect_ratio: '4:5',
    reference_ad_url: expect.stringContaining('their-ad.png'),
    product_image_url: expect.stringContaining('mug.png'),
  });
});

test('/ad without a reference: the link asks for it, the picture of the product is kept', async () => {
  await stage.startBot();
  const card = messageOf(await stage.ada.command(stage.channel, 'ad', { product: 'A mug', image: await mug() }));
  const link = await uploadLink(stage);
  await stage.card('**Waiting for 1 image (the reference: the ad that yours follows).**');
  expect(textOf(card)).toMatch(/mug\.png · \d+ kB · the product ✓/);
  expect(stage.ada.directMessages()[0]?.content).toContain(
    'Upload 1 image (the reference: the ad that yours follows) for /ad',
  );
  await uploadTo(link, ['ad.png', await pictureFile('an ad')]);
  await stage.card('Confirm · 50 credits');
  await stage.ada.press(card, 'Confirm');
  await stage.card('ready <t:');
  stage.clock.advance(31_000);
  await stage.card('✅');
  expect((await stage.job()).arguments).toMatchObject({
    reference_ad_url: expect.stringContaining('ad.png'),
    product_image_url: expect.stringContaining('mug.png'),
    variant_count: 1,
  });
});

test('/ad: what Discord’s app would not send is refused by the bot as well', async () => {
  await stage.startBot();
  await expect(async () => stage.ada.command(stage.channel, 'ad', { product: 'A mug', variants: 5 })).rejects.toThrow(
    'too large',
  );
  const spaces = messageOf(await stage.ada.command(stage.channel, 'ad', { product: '   ' }));
  expect(spaces.content).toBe('The product is empty. Describe it. Nothing was spent. (KD-225)');
  const shape = messageOf(await stage.ada.command(stage.channel, 'ad', { product: 'A mug', aspect: '7:11' }));
  expect(shape.content).toMatch(/^Ads do not take the aspect “7:11”\. They take 1:1/);
  const tongue = messageOf(await stage.ada.command(stage.channel, 'ad', { product: 'A mug', language: 'klingonish' }));
  expect(tongue.content).toContain('I do not know the language “klingonish”');
});
