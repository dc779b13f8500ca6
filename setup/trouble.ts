/** What is wrong and what ends it, each in plain words; neither holds a secret or a token. */
export type Trouble = { readonly what: string; readonly cure: string };

/** A step that cannot go on, for the person at the terminal. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly cure: string;

  constructor({ what, cure }: Trouble, options: ErrorOptions = {}) {
    super(what, options);
    this.cure = cure;
  }
}
