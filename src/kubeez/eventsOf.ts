/** The data of each event of a stream (`text/event-stream`), as soon as it is whole. Throws what breaks the stream. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const events = (rest + decoder.decode(piece.value, { stream: true })).split(/\r?\n\r?\n/);
      rest = events.pop() ?? '';
      for (const event of events) yield* dataIn(event);
    }
  } finally {
    // Who has the answer reads no further: the connection is free again.
    await reader.cancel().catch(() => undefined);
  }
}

function dataIn(event: string): string[] {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? [] : [lines.map((line) => line.slice('data:'.length)).join('\n')];
}
