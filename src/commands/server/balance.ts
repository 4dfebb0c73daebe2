import { MessageFlags } from 'discord.js';
import { ownerOf } from '../../accountNames.ts';
import type { Flow } from '../../flows/flow.ts';
import { cents } from '../../flows/runs.ts';
import { KubeezError } from '../../kubeez/errors.ts';
import { type Command, commandBase } from '../../requests/command.ts';
import { noAccount } from '../../requests/request.ts';
import { t } from '../../text/text.ts';
import { openFlows } from '../lists/jobs.ts';

export const balance: Command = {
  name: 'balance',
  define: () => ({ ...commandBase, description: t('command.balance') }),
  async execute(interaction, parts) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply(await sentences(interaction, parts));
  },
};

async function sentences(...[interaction, parts]: Parameters<Command['execute']>): Promise<string> {
  try {
    const { payer } = parts;
    if (!payer) return noAccount(interaction.guildId, parts);
    const [{ credits: left, topUp }, open] = await Promise.all([payer.kubeez.balance(), openFlows(interaction, parts)]);
    const flows = open.filter(({ account }) => account === payer.account);
    const held = flows.filter(({ stage, money }) => stage === 'queued' || (stage === 'quoting' && money.confirmed));
    const running = flows.filter(({ stage }) => ['submitting', 'running', 'delivering'].includes(stage));
    return [
      t(ownerOf(payer.account) === undefined ? 'balance.left' : 'balance.leftOwn', { credits: left }),
      t('balance.held', { count: held.length, credits: sum(held) }),
      t('balance.inUse', { count: running.length, credits: sum(running) }),
      t('balance.topUp', { address: topUp ? `<${topUp}>` : 'kubeez.com' }),
    ].join('\n');
  } catch (error) {
    if (!(error instanceof KubeezError)) throw error;
    parts.log.warn({ err: error }, 'no balance');
    return t('balance.unread');
  }
}

const sum = (flows: Flow[]) => cents(flows.reduce((all, { money }) => all + (money.quote?.credits ?? 0), 0));
