import { expect, test } from 'vitest';
import { startDyingBot } from '../dyingBot.ts';
import { pressIf } from '../pressIf.ts';
import { labels, textOf, useStage } from '../stage.ts';

const stage = useStage();

// From the price to the start: the saves round the ask, its message and the approval. All others: stories of the simulator.
test.each([2, 3, 4, 5])(
  'killed (kill -9) after save %i of a flow that has to be approved: it goes on, and nothing is paid twice',
  async (save) => {
    const { world } = stage.discord;
    const leads = world.addRole(stage.guild, 'Leads', [], [stage.ben.user]);
    const approvals = world.addChannel(stage.guild, 'approvals');
    const rule = { above: 0, kind: null, role: null, approvers: leads.id, channel: approvals.id };
    await stage.writeRecord(`guild:${stage.guild.id}`, { v: 1, approvals: [rule] });
    const bot = startDyingBot(save, { ...stage.env, KUBEEZ_POLL_SECONDS: '0.05' });
    await world.until(
      () => stage.discord.gateway.isListening(stage.guild.id) && stage.ada.commands(stage.channel).length > 0,
      'the bot',
      20_000,
    );
    const card = () => world.messagesIn(stage.channel.id)[0];
    const cardNow = () => stage.discord.world.message(stage.channel.id, card()?.id ?? '');
    const asks = () => world.messagesIn(approvals.id).filter(({ ephemeralFor }) => ephemeralFor === null);
    const press = () => {
      pressIf(stage.ada, card(), 'Confirm');
      for (const ask of asks()) pressIf(stage.ben, ask, 'Approve');
    };
    const pressing = setInterval(press, 50);
    await stage.ada.command(stage.channel, 'image', { prompt: 'a fox in snow', model: 'nano-banana' });
    await bot.ended;
    clearInterval(pressing);
    stage.discord.gateway.drop(true);
    await stage.startBot();
    const again = setInterval(press, 200);
    await world
      .until(() => textOf(cardNow()).includes('✅ 7 credits'), 'the result')
      .finally(() => clearInterval(again));
    expect(stage.paid()).toBe(1);
    // Both agree: nothing is left to press.
    await world.until(() => asks().every((ask) => labels(ask).join() === 'Open the card'), 'the end of the ask');
  },
  40_000,
);
