import type { Flow } from './flow.ts';

type Group = 'card' | 'asked' | 'upload' | 'money' | 'approval' | 'shown' | 'wait';

/** Changes to a flow: whole fields, and of its groups only the parts that change. */
export type Changes = Partial<Omit<Flow, Group>> & { [Name in Group]?: Partial<Flow[Name]> };

/** The flow with changes; what they do not name stays as it is. */
export function change(flow: Flow, { card, asked, upload, money, approval, shown, wait, ...rest }: Changes): Flow {
  return {
    ...flow,
    ...rest,
    card: { ...flow.card, ...card },
    asked: { ...flow.asked, ...asked },
    upload: { ...flow.upload, ...upload },
    money: { ...flow.money, ...money },
    approval: { ...flow.approval, ...approval },
    shown: { ...flow.shown, ...shown },
    wait: { ...flow.wait, ...wait },
  };
}
