import type { Accounts } from '../accounts/accounts.ts';
import { change } from '../flows/change.ts';
import { subjectOf } from '../flows/fileNames.ts';
import type { Flow } from '../flows/flow.ts';
import { recipes } from '../flows/recipes/index.ts';
import { jobsOf, openTask, type Run } from '../flows/runs.ts';
import { missingName } from '../flows/sentences.ts';
import type { Downloads } from '../kubeez/download.ts';
import { KubeezError } from '../kubeez/errors.ts';
import type { Logger } from '../log.ts';
import { cut, plain } from '../text/cut.ts';
import { speaking, t } from '../text/text.ts';
import type { Delivery } from './delivery.ts';

interface CopiesParts {
  accounts: Accounts;
  delivery: Delivery;
  downloads: Downloads;
  log: Logger;
}

/** Results that are shown once more; the flow itself is over and stays as it is. */
export class Copies {
  readonly #parts: CopiesParts;

  constructor(parts: CopiesParts) {
    this.#parts = parts;
  }

  /** Brings the files of a delivered flow to another message. Gives whether they arrived. */
  async show(flow: Flow, card: Flow['card']): Promise<boolean> {
    const fresh = await this.fresh(flow);
    const event = await speaking(flow.languages.card, () =>
      this.#parts.delivery.deliver(
        change(fresh, { card, wait: { attempts: Number.MAX_SAFE_INTEGER } }),
        async () => flow.money.charged,
        true,
      ),
    );
    return event.type === 'posted';
  }

  /** Links to a flow's results as they are now, each in a line; those without an address are named at the end. */
  async links(flow: Flow): Promise<string[]> {
    const jobs = jobsOf(await this.fresh(flow));
    const name = plain(cut(subjectOf(flow), 60));
    const lines = jobs
      .flatMap(({ outputs }) => outputs)
      .map(({ url }, index) => {
        const link = this.#parts.downloads.linkTo(url);
        return link === undefined
          ? t('result.numberedNoLink', { name, number: index + 1 })
          : t('result.numberedLink', { name, number: index + 1, link: `<${link}>` });
      });
    const missing = jobs.flatMap((job) => job.missing);
    const running = jobs.filter(({ status }) => status === 'running').length;
    const late = [
      ...missing.map((one) => plain(cut(missingName(one, flow), 100))),
      ...(running > 0 ? [t('fact.jobsRunning', { count: running, all: jobs.length })] : []),
    ];
    return [...lines, ...(late.length > 0 ? [t('result.notThereYet', { names: late.join(' · ') })] : [])];
  }

  /** The flow with the addresses its results have now: some lapse. Those that cannot be had anew stay as they are. */
  async fresh(flow: Flow): Promise<Flow> {
    const { accounts, log } = this.#parts;
    const { tool, follow } = recipes[flow.recipe];
    const withAddresses = async (run: Run): Promise<Run> => {
      if (run.state !== 'job' || run.job.status === 'failed' || flow.shown.words !== null) return run;
      const { job } = run;
      try {
        const kubeez = await accounts.of(flow.account);
        const { status, outputs, missing } = await (openTask(run)
          ? kubeez.statusOfTask(job.id, tool, follow)
          : kubeez.status(follow, job.id));
        if (outputs.length === 0 || outputs.length < job.outputs.length) return run;
        return { ...run, job: { ...job, status: status === 'completed' ? status : job.status, outputs, missing } };
      } catch (err) {
        if (!(err instanceof KubeezError)) throw err;
        log.info({ err, flow: flow.id }, 'no fresh addresses');
        return run;
      }
    };
    return { ...flow, runs: await Promise.all(flow.runs.map(withAddresses)) };
  }
}
