import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import { ownAccount } from '../../src/accountNames.ts';
import { Seal } from '../../src/accounts/seal.ts';
import { startDyingBot } from '../dyingBot.ts';
import { textOf, useStage } from '../stage.ts';

/** A kill around the start of a request that somebody pays for themselves: paid once, by them. */
const stage = useStage();

/** What a picture costs. */
const price = 7;
const key = randomBytes(32).toString('base64');
const withKey = { STATE_KEY: key };

// Confirmed, and about to start: whatever was saved last when the process died. After the third the start may have been made
// or not, so a person has to say that it is to be made again.
test.each([2, 3])(
  'killed (kill -9) after save %i: it is paid once, by the account that was confirmed',
  async (save) => {
    await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, rules: { ownAccounts: true } });
    const { world } = stage.discord;
    const { ben, channel } = stage;
    const own = stage.kubeez.addAccount(500);
    const sealed = new Seal([Buffer.from(key, 'base64')]).close(JSON.stringify({ token: own.token }));
    await stage.writeRecord(`account:${ownAccount(ben.user.id)}`, { v: 1, by: ben.user.id, at: 1, sealed });
    const bot = startDyingBot(save, { ...stage.env, ...withKey, KUBEEZ_POLL_SECONDS: '0.05' });
    const isReady = () => stage.discord.gateway.isListening(stage.guild.id) && ben.commands(channel).length > 0;
    await world.until(isReady, 'the bot', 20_000);
    const card = () => world.messagesIn(channel.id).findLast(({ embeds }) => embeds.length > 0);
    const press = () => {
      const message = card();
      const button = message && buttonsOf(message).find(({ label }) => /^(Confirm ·|Start again)/.test(label));
      if (message && button?.custom_id && !button.disabled) void ben.pressRaw(message, button.custom_id);
    };
    const pressing = setInterval(press, 50);
    await ben.command(channel, 'image', { prompt: 'a fox in snow', model: 'nano-banana' });
    await bot.ended;
    clearInterval(pressing);
    stage.discord.gateway.drop(true);
    await stage.startBot(withKey);
    const again = setInterval(press, 200);
    const isDone = () => textOf(card() ?? neverShown()).includes('✅ 7 credits');
    await stage.inTime(world.until(isDone, 'the result'), 5000).finally(() => clearInterval(again));
    expect([own.platform.jobs.size, own.platform.credits, 1000 - stage.kubeez.platform.credits]).toEqual([
      1,
      500 - price,
      0,
    ]);
    expect([...stage.log, ...bot.output].join('')).not.toContain(own.token);
  },
  40_000,
);

function neverShown(): never {
  throw new Error('There is no card');
}
