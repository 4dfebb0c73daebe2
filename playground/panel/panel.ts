import { type Response as Answer, Router } from 'express';
import { z } from 'zod';
import type { BotControl } from '../botProcess.ts';
import type { Stage } from '../stage.ts';
import { Controls, controlSchema } from './controls.ts';
import { Feed } from './feed.ts';
import { Replays } from './replays.ts';

/** What is sent is JSON, which arrives as bytes. */
const sentSchema = z
  .instanceof(Buffer)
  .transform((bytes, context) => {
    try {
      return JSON.parse(String(bytes));
    } catch {
      context.addIssue('no JSON');
      return z.NEVER;
    }
  })
  .pipe(controlSchema);
const seedSchema = z.coerce.number().int().min(1).max(1_000_000_000);

/** What stands behind the panel of the page: what can go wrong, what happens underneath, and stories of the simulator. */
export class Panel {
  readonly #controls: Controls;
  readonly #feed: Feed;
  readonly #replays = new Replays();

  constructor(stage: Stage, bot: BotControl | undefined, pause: number | null) {
    this.#controls = new Controls(stage, bot, pause, (text) => this.#feed.note(text));
    this.#feed = new Feed(stage, bot, () => this.#controls.states());
  }

  routes(): Router {
    const router = Router();
    router.get('/news', (_, answer) => this.#tellNews(answer));
    router.post('/do', (request, answer) => {
      const control = sentSchema.safeParse(request.body);
      if (!control.success) return void answer.status(400).end();
      this.#controls.do(control.data);
      answer.status(204).end();
    });
    router.get('/replay', async (request, answer) => {
      const seed = seedSchema.safeParse(request.query.seed);
      const gone = new AbortController();
      answer.on('close', () => gone.abort());
      const problem = 'A seed is a whole number from 1 on.';
      answer.json(seed.success ? await this.#replays.play(seed.data, gone.signal) : { type: 'refused', problem });
    });
    return router;
  }

  #tellNews(answer: Answer): void {
    answer.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).flushHeaders();
    const stop = this.#feed.follow((news) => answer.write(`data: ${JSON.stringify(news)}\n\n`));
    answer.on('close', stop);
  }

  close(): void {
    this.#controls.close();
    this.#feed.close();
    this.#replays.close();
  }
}
