/** What is wrong and what to do about it, in plain words; neither holds a secret or a token. */
export type Trouble = { readonly what: string; readonly cure?: string | undefined };

/** Stops a command, or one of its steps, with a message for the terminal. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly cure: string | undefined;

  constructor({ what, cure }: Trouble, options: ErrorOptions = {}) {
    super(what, options);
    this.cure = cure;
  }
}
