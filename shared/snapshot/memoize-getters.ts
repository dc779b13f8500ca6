/** The same object, whose getters are asked once each and whose values are kept. */
export function memoizeGetters<T extends object>(object: T): T {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    if (descriptor.get === undefined) continue;
    Object.defineProperty(object, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value: unknown = descriptor.get?.();
        Object.defineProperty(object, name, { enumerable: true, value });
        return value;
      },
    });
  }
  return object;
}
