import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Controls, usualPause } from '../../playground/panel/controls.ts';
import { type Stage, startStage } from '../../playground/stage.ts';
import { systemClock } from '../../src/clock.ts';

let stage: Stage;
let controls: Controls;
let isRunning: boolean;
let starts: number;
const notes: string[] = [];

beforeEach(async () => {
  stage = await startStage({ clock: systemClock });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  isRunning = true;
  starts = 0;
  notes.length = 0;
  const bot = {
    isRunning: () => isRunning,
    kill() {
      isRunning = false;
    },
    start() {
      isRunning = true;
      starts++;
    },
  };
  controls = new Controls(stage, bot, usualPause, (text) => void notes.push(text));
});
afterEach(async () => {
  controls.close();
  vi.useRealTimers();
  await stage.close();
});

test('a bot that was killed is started again by itself, once, and not at all when somebody was sooner', () => {
  controls.do({ do: 'kill' });
  expect(controls.states()).toMatchObject({ bot: 'ended', startsAt: Date.now() + usualPause });
  vi.advanceTimersByTime(usualPause);
  expect(controls.states()).toMatchObject({ bot: 'running', startsAt: null });
  controls.do({ do: 'kill' });
  controls.do({ do: 'start' });
  vi.advanceTimersByTime(2 * usualPause);
  expect(starts).toBe(2);
});

test('an outage ends by itself, and what was done is noted in words', () => {
  controls.do({ do: 'outage', on: true });
  expect(stage.kubeez.outage.on).toBe(true);
  vi.advanceTimersByTime(20_000);
  expect(stage.kubeez.outage.on).toBe(false);
  expect(controls.states().outageUntil).toBeNull();
  controls.do({ do: 'closeDms', person: stage.ada.user.id, on: true });
  expect(controls.states().closedDms).toEqual([stage.ada.user.id]);
  expect(notes).toEqual(['Kubeez is away', 'Kubeez is back', 'Ada closes their DMs']);
});

test('the next answer is lost once, and only where that was not taken back', () => {
  controls.do({ do: 'loseNext', on: true });
  controls.do({ do: 'loseNext', on: false });
  expect(stage.kubeez.faults.filter(({ times }) => times > 0)).toEqual([]);
  controls.do({ do: 'loseNext', on: true });
  expect(controls.states().losesNext).toBe(true);
  stage.kubeez.calls.paidTools.add('generate_media');
  const [fault] = stage.kubeez.faults.filter(({ times }) => times > 0);
  expect([fault?.tool.test('generate_media'), fault?.tool.test('get_models'), fault?.how]).toEqual([
    true,
    false,
    'lost',
  ]);
});
