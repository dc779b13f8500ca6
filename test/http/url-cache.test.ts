import { describe, expect, it } from 'vitest';
import { createUrlCache } from '../../shared/http/cache.ts';
import type { ApiRequest } from '../../shared/http/message.ts';

function requestOf(address: string, accept?: string): ApiRequest {
  return {
    requestId: '1',
    method: 'GET',
    address,
    url: new URL(address),
    params: {},
    headers: new Headers(accept === undefined ? {} : { accept }),
    context: { log: () => undefined, correlationId: '1', signal: new AbortController().signal },
    linkToRoute: () => '',
    linkToSibling: () => '',
  };
}

function addressOf(number: number): string {
  return `https://h/a?search=${'x'.repeat(8000)}${number}`;
}

/** Reads URLs through a cache, and says which ones were not in it. */
function createReader() {
  const cache = createUrlCache<object>();
  const reads: string[] = [];
  return {
    reads,
    read: (request: ApiRequest): object => {
      const found = cache.get(request);
      if (found !== undefined) return found;
      reads.push(request.address);
      return cache.set(request, { address: request.address });
    },
  };
}

describe('createUrlCache', () => {
  it('gives what was kept for the same URL and Accept header', () => {
    const { reads, read } = createReader();
    const first = read(requestOf('https://h/a?x=1'));
    expect(first).toEqual({ address: 'https://h/a?x=1' });
    expect(read(requestOf('https://h/a?x=1'))).toBe(first);
    expect(read(requestOf('https://h/a?x=1', 'text/csv'))).not.toBe(first);
    expect(read(requestOf('https://other/a?x=1'))).not.toBe(first);
    expect(reads).toEqual(['https://h/a?x=1', 'https://h/a?x=1', 'https://other/a?x=1']);
  });

  it.each(['https://h/a?code=k', 'https://h/a?x=1&Code=k', 'https://h/a?clientId=k'])('keeps no key: %s', (address) => {
    const { reads, read } = createReader();
    read(requestOf(address));
    read(requestOf(address));
    expect(reads).toEqual([address, address]);
  });

  it('forgets the oldest of many long URLs', () => {
    const { reads, read } = createReader();
    for (let number = 0; number < 200; number += 1) read(requestOf(addressOf(number)));
    read(requestOf(addressOf(199)));
    expect(reads).toHaveLength(200);
    read(requestOf(addressOf(0)));
    expect(reads).toHaveLength(201);
  });
});
