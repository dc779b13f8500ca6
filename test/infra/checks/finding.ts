/** One thing that is wrong in the infrastructure: where, by which rule, and what. */
export type Finding = { readonly file: string; readonly line: number; readonly rule: string; readonly message: string };

/** A finding as one line of text. */
export function findingText({ file, line, rule, message }: Finding): string {
  return `${file}:${line} ${rule}: ${message}`;
}

/** Makes the findings of one rule in one file. */
export function findingsIn(file: string, rule: string): (message: string, line?: number) => Finding {
  return (message, line = 1) => ({ file, line, rule, message });
}
