/** A file of sentences: nested groups of ICU messages. */
export interface MessageTree {
  [name: string]: string | MessageTree;
}

/** Every message by its key: the names of its groups and its own, joined by dots. */
export function messagesOf(tree: MessageTree, group = ''): [key: string, message: string][] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const key = group === '' ? name : `${group}.${name}`;
    return typeof value === 'string' ? [[key, value] as [string, string]] : messagesOf(value, key);
  });
}
