/** The file that `sqlite:<file>` names; `sqlite:///file` as well. */
export const sqliteFile = (stateUrl: string) => stateUrl.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
