/** The part that is used here of what the host's worker offers to libraries. It comes with the worker, so there is no package. */
declare module '@azure/functions-core' {
  type InvocationModel = { getArguments(): Promise<unknown> };
  export function getProgrammingModel(): { getInvocationModel(context: object): InvocationModel } | undefined;
}
