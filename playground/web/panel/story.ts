/** How things stand at a step of a story. */
export interface Moment {
  /** The number of the process that runs; null where none does. */
  process: number | null;
  kills: number;
  /** The stage of each flow, by its id. */
  flows: Map<string, string>;
}

/** Reads off the lines of a story how things stand after one of them. */
export function atStep(story: string[], step: number): Moment {
  const moment: Moment = { process: null, kills: 0, flows: new Map() };
  for (const line of story.slice(0, step + 1)) {
    const [, number, what] = /^\s*[\d.]+ {2}process (\d+) (starts|is killed|is asked to stop|ends)/.exec(line) ?? [];
    if (number !== undefined) {
      const isStart = what === 'starts';
      if (isStart) moment.process = Number(number);
      else if (moment.process === Number(number)) moment.process = null;
      if (what === 'is killed') moment.kills++;
    }
    const [, id, recipe, stage] = /^\s*[\d.]+ {2}([a-z0-9]{8}) (\w+) is (\w+)$/.exec(line) ?? [];
    if (id !== undefined) moment.flows.set(id, `${recipe} is ${stage}`);
  }
  return moment;
}
