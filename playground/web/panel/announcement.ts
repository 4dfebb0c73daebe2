import type { PanelState } from '../../panel/protocol.ts';

/** What somebody who only hears the page is told of a change; empty where there is nothing to tell. */
export function announcement(before: PanelState, after: PanelState): string {
  const [was, is] = [before.controls, after.controls];
  const told: string[] = [];
  if (was.bot === 'running' && is.bot === 'ended') {
    told.push(after.counts.kills > before.counts.kills ? 'The bot was killed.' : 'The bot has ended.');
    if (is.startsAt !== null) told.push('It starts again in a few seconds.');
  }
  if (!was.isListening && is.isListening) told.push('The bot is back.');
  if (was.outageUntil === null && is.outageUntil !== null) told.push('Kubeez is away.');
  if (was.outageUntil !== null && is.outageUntil === null) told.push('Kubeez is back.');
  if (was.losesNext !== is.losesNext) {
    if (is.losesNext) told.push('The answer to the next paid call will be lost.');
    else
      told.push(after.counts.lostAnswers > before.counts.lostAnswers ? 'The answer was lost.' : 'No answer is lost.');
  }
  if (was.isDearer !== is.isDearer)
    told.push(is.isDearer ? 'Prices are a quarter higher.' : 'Prices are as they were.');
  if (was.closedDms.length !== is.closedDms.length)
    told.push(is.closedDms.length > was.closedDms.length ? 'DMs are closed.' : 'DMs are open.');
  if (was.speed !== is.speed) told.push(`Kubeez works ${is.speed} times as fast.`);
  return told.join(' ');
}
