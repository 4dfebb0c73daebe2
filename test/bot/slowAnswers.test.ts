import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { film } from '../../playground/props.ts';
import { Connection } from '../../src/kubeez/connection.ts';
import { createLogger } from '../../src/log.ts';
import { messageOf, textOf, useStage } from '../stage.ts';

const stage = useStage();
const usual = getGlobalDispatcher();
afterEach(() => setGlobalDispatcher(usual));

/** Holds the answer of a tool until it is let go. */
function hold(name: string): () => void {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  stage.kubeez.gates.after = (tool) => (tool === name ? held : undefined);
  return letGo;
}

async function captionsConfirmed() {
  const file = await film();
  const card = messageOf(await stage.ada.command(stage.channel, 'captions', { file }));
  await stage.card('Confirm ·');
  await stage.ada.press(card, 'Confirm');
  await stage.job();
  return card;
}

test.each(['one answer', 'a stream'] as const)(
  'captions that take longer than Node waits for an answer (as %s) are delivered',
  async (as) => {
    stage.kubeez.platform.settings.streams = as === 'a stream';
    await stage.startBot();
    const letGo = hold('generate_captions');
    // As if the 300 seconds after which Node's own fetch gives up were over in a moment.
    setGlobalDispatcher(new Agent({ headersTimeout: 50, bodyTimeout: 50 }));
    const card = await captionsConfirmed();
    stage.kubeez.faults.push({ tool: /^\/slow$/, how: 'stall', times: 2 });
    // Whoever asks later gives up now, first for want of the rest, and surely whoever asked before.
    const ordinary = await fetch(`${stage.kubeez.platform.origin}/slow`);
    await expect(ordinary.text()).rejects.toThrow();
    letGo();
    await stage.cardInTime('✅');
    expect(card.attachments.length).toBeGreaterThan(0);
    expect(stage.paid()).toBe(1);
  },
);

test('captions whose session is given up for another call that broke are delivered', async () => {
  await stage.startBot();
  const letGo = hold('generate_captions');
  const card = await captionsConfirmed();
  stage.kubeez.faults.push({ tool: /^get_balance$/, how: 'cut', times: 1 });
  await stage.ada.command(stage.channel, 'balance');
  letGo();
  await stage.cardInTime('✅');
  expect(textOf(card)).toContain('✅');
});

test('a session with a call under way is not closed for want of use', async () => {
  const connection = new Connection({
    url: stage.kubeez.mcpUrl,
    signIn: { token: stage.kubeez.token },
    isListening: false,
    now: () => stage.clock.now(),
    log: createLogger('silent'),
  });
  const letGo = hold('generate_music');
  const answer = connection.start('music', { prompt: 'a song' }, 60_000);
  await stage.job();
  await connection.closeIdle(0);
  letGo();
  expect((await answer).ids).toEqual([(await stage.job()).id]);
  await connection.closeIdle(0);
  await connection.close();
});
