import { expect, test } from 'vitest';
import { buttonsOf } from '../../playground/discord/person.ts';
import type { Message } from '../../playground/discord/world.ts';
import type { Message as RpcMessage } from '../../playground/kubeez/shapes.ts';
import { film, pictureFile } from '../../playground/props.ts';
import { messageOf, textOf, uploadLink, uploadTo, useStage } from '../stage.ts';

const stage = useStage();

const text = (words: string) => ({ type: 'text', text: words });
const idOf = ({ result }: RpcMessage) => String(JSON.parse(textIn(result)).generation_id);
const textIn = (result: RpcMessage['result']) => (result.content as { text: string }[])[0]?.text ?? '{}';
const json = (value: unknown) => [text(JSON.stringify(value))];
/** An answer whose result is made anew. */
const result = (make: (message: RpcMessage) => unknown) => (message: RpcMessage) => ({
  ...message,
  result: make(message),
});

/** Forms of an answer to a paid call, each of which names the job. */
const paidAnswers: Record<string, (message: RpcMessage) => object | string> = {
  'annotations: null beside the text': result(({ result: { content } }) => ({
    content: [{ ...(content as object[])[0], annotations: null }],
  })),
  'an empty structuredContent': result(({ result: { content } }) => ({ content, structuredContent: {} })),
  'structuredContent: null': result(({ result: { content } }) => ({ content, structuredContent: null })),
  'several texts': result((message) => ({
    content: [text('Your picture was started.'), ...json({ generation_id: idOf(message) }), text('Enjoy!')],
  })),
  'a text and parts of unknown kinds': result((message) => ({
    content: [{ type: 'hologram' }, null, ...json({ generation_id: idOf(message) })],
  })),
  'JSON between words': result((message) => ({
    content: [text(`Started [as asked]: {"generation_id": "${idOf(message)}", "status": "pending"}. Have fun {:`)],
  })),
  'JSON in a code fence': result((message) => ({
    content: [text(`Done.\n\`\`\`json\n{\n "generation_id": "${idOf(message)}"\n}\n\`\`\``)],
  })),
  'JSON written as text twice': result((message) => ({
    content: json(JSON.stringify({ generation_id: idOf(message) })),
  })),
  'words alone': result((message) => ({ content: [text(`Started. Generation ID: ${idOf(message)}`)] })),
  'an id in a list': result((message) => ({
    content: json({ generation_ids: [null, idOf(message)], generation_id: null }),
  })),
  'a list that is null': result((message) => ({
    content: json({ generation_id: idOf(message), generation_ids: null }),
  })),
  'a list that is empty': result((message) => ({
    content: json({ generation_id: idOf(message), generation_ids: [] }),
  })),
  'a list of objects': result((message) => ({ content: json({ generations: [{ id: idOf(message), url: null }] }) })),
  'the name id': result((message) => ({ content: json({ id: idOf(message) }) })),
  'the name job_id': result((message) => ({ content: json({ job_id: idOf(message), task_id: 'task-1' }) })),
  'the name task_id': result((message) => ({ content: json({ task_id: idOf(message) }) })),
  'the name generationId': result((message) => ({ content: json({ generationId: idOf(message) }) })),
  'inside data': result((message) => ({ content: json({ success: true, data: { generation_id: idOf(message) } }) })),
  'inside result, inside generation': result((message) => ({
    content: json({ result: { generation: { id: idOf(message), status: null } }, data: [] }),
  })),
  'no content': result((message) => ({ structuredContent: { generation_id: idOf(message) }, content: null })),
  'the result itself': result((message) => ({ generation_id: idOf(message), _meta: null })),
  'a result that is a list': result((message) => [{ generation_id: idOf(message) }]),
  'error: null beside the result': (message) => ({ ...message, error: null }),
  'further fields beside the result': (message) => ({ ...message, took_ms: 12, error: null }),
  'another id of the message': (message) => ({ ...message, id: null }),
  'NaN for a number': (message) =>
    JSON.stringify(message)
      .replaceAll(/"estimated_time_seconds":[\d.]+/g, '"estimated_time_seconds":NaN')
      .replaceAll(/\\"estimated_time_seconds\\":[\d.]+/g, '\\"estimated_time_seconds\\":-Infinity'),
};

async function confirmed(command: string, wish: Record<string, string>): Promise<Message> {
  const card = messageOf(await stage.ada.command(stage.channel, command, wish));
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label?.startsWith('Confirm'), 'a price');
  await stage.ada.press(card, 'Confirm');
  return card;
}

test.each(Object.keys(paidAnswers))(
  'a paid answer in an odd form (%s): paid once, delivered, never called lost',
  async (name) => {
    await stage.startBot();
    stage.kubeez.faults.push({ tool: /^get_generations$/, how: 500, times: Number.POSITIVE_INFINITY });
    stage.kubeez.shapes.push({ tool: /^generate_music$/, shape: paidAnswers[name] ?? (() => '') });
    await confirmed('music', { prompt: 'a song about a fox' });
    await stage.cardInTime('✅');
    expect(stage.paid()).toBe(1);
    expect(stage.kubeez.platform.credits).toBe(1000 - 19);
  },
);

test('a job whose id is a long number is followed under exactly that number', async () => {
  await stage.startBot();
  const long = '90071992547409931234';
  stage.kubeez.shapes.push({
    tool: /^generate_music$/,
    shape(message) {
      const { jobs } = stage.kubeez.platform;
      const job = jobs.get(idOf(message));
      if (job) jobs.set(long, { ...job, id: long });
      return `{"jsonrpc":"2.0","id":${message.id},"result":{"structuredContent":{"generation_id":${long}}}}`;
    },
  });
  await confirmed('music', { prompt: 'a song about a fox' });
  await stage.cardInTime('✅');
});

test('captions with one odd word among the good ones are delivered without it', async () => {
  await stage.startBot();
  const file = await film();
  stage.kubeez.platform.settings.captionsAs = 'words';
  stage.kubeez.shapes.push({
    tool: /^generate_captions$/,
    shape: result(() => ({
      content: json({ captions: [{ word: null }, null, 7, { word: 'Hello', start: '0.5', end: 1 }], words: null }),
    })),
  });
  const card = messageOf(await stage.ada.command(stage.channel, 'captions', { file }));
  await stage.discord.world.until(() => buttonsOf(card)[0]?.label?.startsWith('Confirm'), 'a price');
  await stage.ada.press(card, 'Confirm');
  await stage.cardInTime('✅');
  expect(card.attachments.map(({ filename }) => filename.split('.').at(-1))).toEqual(['srt', 'vtt', 'txt']);
});

/** Forms that every answer of a server may have. */
const everywhere: Record<string, (message: RpcMessage) => object | string> = {
  'error: null beside every result': (message) => ({ ...message, error: null }),
  'annotations: null in every text': result(({ result: { content, ...rest } }) =>
    Array.isArray(content)
      ? { content: content.map((part) => ({ ...part, annotations: null })) }
      : { content, ...rest },
  ),
  'JSON in a code fence': result(({ result: { content, ...rest } }) =>
    Array.isArray(content) ? { content: [text(`\`\`\`json\n${textIn({ content })}\n\`\`\``)] } : { content, ...rest },
  ),
  'everything inside data': result(({ result: { content, ...rest } }) =>
    Array.isArray(content)
      ? { content: json({ ok: true, data: JSON.parse(textIn({ content })) }) }
      : { content, ...rest },
  ),
  'structuredContent: {} beside the text': result(({ result: { content, ...rest } }) =>
    Array.isArray(content) ? { content, structuredContent: {} } : { content, ...rest },
  ),
};

test.each(Object.entries(everywhere).flatMap(([name]) => [[name, 'one answer'] as const, [name, 'a stream'] as const]))(
  'a server whose every answer is odd (%s, as %s): from the upload to the result all goes its way',
  async (name, as) => {
    stage.kubeez.platform.settings.streams = as === 'a stream';
    stage.kubeez.shapes.push({ tool: /./, shape: everywhere[name] ?? (() => '') });
    await stage.startBot();
    const card = messageOf(
      await stage.ada.command(stage.channel, 'animate', { prompt: 'snow falls', model: 'kling-3-0-turbo' }),
    );
    await uploadTo(await uploadLink(stage), ['one.png', await pictureFile()]);
    await stage.discord.world.until(() => textOf(card).includes('Confirm ·'), 'a price');
    await stage.ada.press(card, 'Confirm');
    await stage.cardInTime('✅');
    expect(stage.paid()).toBe(1);
  },
);
