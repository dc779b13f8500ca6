/** What the library has told the host's worker to read requests by. */
export type ProgrammingModel = {
  getInvocationModel(context: object): { getArguments(): Promise<unknown> };
};

/**
 * Keeps URLs out of the error of a request that the host's library cannot read, such as one with `Host: 1.2.3.4.5`. The library
 * quotes the whole URL, with the key in `code`, before any hook runs, and the host logs it.
 */
export function hideUnreadableUrls(model: ProgrammingModel): void {
  const getInvocationModel = model.getInvocationModel.bind(model);
  model.getInvocationModel = (context) => {
    const invocation = getInvocationModel(context);
    const getArguments = invocation.getArguments.bind(invocation);
    invocation.getArguments = async () => {
      try {
        return await getArguments();
      } catch {
        throw new Error('the request cannot be read');
      }
    };
    return invocation;
  };
}
