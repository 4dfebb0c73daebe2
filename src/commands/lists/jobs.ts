import { jumpTo } from '../../discord/jump.ts';
import { subjectOf } from '../../flows/fileNames.ts';
import { type Flow, isOpen, secondsExpected } from '../../flows/flow.ts';
import { recipes } from '../../flows/recipes/index.ts';
import { type Command, commandBase, type Parts, type StartInteraction } from '../../requests/command.ts';
import {
  anything,
  everywhere,
  type ReadPage,
  serverOption,
  showList,
  turnTo,
  workFilters,
} from '../../requests/pages.ts';
import { maySee, workOf } from '../../requests/visibility.ts';
import { directMessages } from '../../state/servers.ts';
import { cut, plain } from '../../text/cut.ts';
import { t } from '../../text/text.ts';
import { timestamp } from '../../text/timestamp.ts';

const pageSize = 10;

export const jobs: Command = {
  name: 'jobs',
  define: () => ({
    ...commandBase,
    description: t('command.jobs'),
    options: [serverOption()],
  }),
  async execute(interaction, parts) {
    const filters = [anything, anything, ...(interaction.options.getBoolean('server') ? [everywhere] : [])];
    await showList(interaction, { list: 'jobs', filters }, reader(filters, interaction, parts));
  },
  turn: (interaction, page, parts) => turnTo(interaction, page, reader(page.filters, interaction, parts)),
};

/** Open flows of a server, or of a person's own DM; those that run first, then those in line. */
export async function openFlows(
  { guildId, user }: Pick<StartInteraction, 'guildId' | 'user'>,
  { records }: Parts,
): Promise<Flow[]> {
  const ids = await records.openIn(guildId ?? directMessages);
  const flows = await Promise.all(ids.map((id) => records.load(id).catch(() => undefined)));
  const mine = flows.flatMap((flow) =>
    flow && isOpen(flow) && (guildId !== null || flow.requester === user.id) ? [flow] : [],
  );
  return mine.sort(
    (a, b) => rank(a) - rank(b) || (a.wait.position ?? 0) - (b.wait.position ?? 0) || a.createdAt - b.createdAt,
  );
}

const order: Flow['stage'][] = ['delivering', 'running', 'submitting', 'queued', 'quoted', 'quoting', 'uploading'];
const rank = (flow: Flow) => order.indexOf(flow.stage);

function reader(
  filters: string[],
  interaction: Pick<StartInteraction, 'guildId' | 'channelId' | 'user'>,
  parts: Parts,
): ReadPage {
  const [by = anything, kind = anything, where] = filters;
  const inServer = where === everywhere;
  return async (page) => {
    const open = await openFlows(interaction, parts);
    const verdicts = await Promise.all(
      open.map(
        async (flow) =>
          (inServer || flow.card.channel === interaction.channelId) && maySee(workOf(flow), interaction, parts),
      ),
    );
    const flows = open
      .filter((_, index) => verdicts[index])
      .filter(({ requester }) => by === anything || requester === by)
      .filter(({ recipe }) => kind === anything || recipe === kind);
    const shown = flows.slice(page * pageSize, (page + 1) * pageSize);
    return {
      title: t('list.jobs', { count: flows.length }),
      lines: shown.map(lineOf),
      empty: t(inServer ? 'list.noJobsInServer' : 'list.noJobs'),
      pages: Math.ceil(flows.length / pageSize),
      hasMore: flows.length > (page + 1) * pageSize,
      filters: workFilters(interaction.guildId !== null),
    };
  };
}

function lineOf(flow: Flow): string {
  const { emoji } = recipes[flow.recipe];
  const about = plain(cut(subjectOf(flow).replace(/\s+/g, ' '), 60));
  const link = jumpTo(flow.guild, flow.card.channel, flow.card.message);
  return `${emoji} ${link ? `[${about}](${link})` : about} · <@${flow.requester}> · ${stateOf(flow)} · \`#${flow.id}\``;
}

function stateOf(flow: Flow): string {
  const { running, position } = flow.wait;
  switch (flow.stage) {
    case 'running': {
      const { since, seconds } = running ?? { since: flow.createdAt, seconds: secondsExpected(flow) };
      return t('list.running', { when: timestamp(since + seconds * 1000, 'R') });
    }
    case 'queued':
      return position === null ? t('list.waiting') : t('list.inLine', { position });
    case 'quoted':
      return t('list.waitsForConfirm');
    case 'quoting':
      return t('list.pricing');
    case 'uploading':
      return t('list.waitsForFiles');
    case 'submitting':
      return t('list.starting');
    default:
      return t('list.finishing');
  }
}
