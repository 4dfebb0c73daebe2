/** Discord's limits, in characters, files, bytes and milliseconds. Source: docs.discord.com, resources/message and components/reference. */
export const limits = {
  content: 2000,
  choices: 25,
  choiceName: 100,
  choiceValue: 100,
  embedDescription: 4096,
  embedTitle: 256,
  altText: 1024,
  buttonLabel: 80,
  formTitle: 45,
  fieldLabel: 45,
  fieldDescription: 100,
  textInput: 4000,
  placeholder: 100,
  files: 10,
  /** A file, where no interaction told a larger limit. */
  file: 10 * 1024 * 1024,
  /** All files of one request together. */
  request: 25 * 1024 * 1024,
  /** Milliseconds an interaction can be answered (docs: interactions/receiving-and-responding). */
  tokenLife: 15 * 60_000,
} as const;
