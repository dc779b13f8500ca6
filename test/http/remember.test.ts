import { describe, expect, it } from 'vitest';
import { rememberByUrl, rememberLast } from '../../shared/http/remember.ts';
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
  };
}

function addressOf(number: number): string {
  return `https://h/a?search=${'x'.repeat(8000)}${number}`;
}

/** Counts how often each URL was read. */
function counting(read: (request: ApiRequest) => object = ({ address, headers }) => ({ address, ...headers })) {
  const reads: string[] = [];
  const remembered = rememberByUrl((request) => {
    reads.push(request.address);
    return read(request);
  });
  return { reads, remembered };
}

describe('rememberByUrl', () => {
  it('reads a URL once, and again for another URL or another Accept header', () => {
    const { reads, remembered } = counting();
    const first = remembered(requestOf('https://h/a?x=1'));
    expect(remembered(requestOf('https://h/a?x=1'))).toBe(first);
    expect(remembered(requestOf('https://h/a?x=1', 'text/csv'))).not.toBe(first);
    expect(remembered(requestOf('https://other/a?x=1'))).not.toBe(first);
    expect(reads).toEqual(['https://h/a?x=1', 'https://h/a?x=1', 'https://other/a?x=1']);
  });

  it('reads a URL that was refused again', () => {
    const { reads, remembered } = counting(() => {
      throw new RangeError('bad');
    });
    expect(() => remembered(requestOf('https://h/a'))).toThrow('bad');
    expect(() => remembered(requestOf('https://h/a'))).toThrow('bad');
    expect(reads).toHaveLength(2);
  });

  it.each(['https://h/a?code=k', 'https://h/a?x=1&Code=k', 'https://h/a?clientId=k'])('keeps no key: %s', (address) => {
    const { reads, remembered } = counting();
    remembered(requestOf(address));
    remembered(requestOf(address));
    expect(reads).toEqual([address, address]);
  });

  it('forgets the oldest of many long URLs', () => {
    const { reads, remembered } = counting();
    for (let number = 0; number < 200; number += 1) remembered(requestOf(addressOf(number)));
    remembered(requestOf(addressOf(199)));
    expect(reads).toHaveLength(200);
    remembered(requestOf(addressOf(0)));
    expect(reads).toHaveLength(201);
  });
});

describe('rememberLast', () => {
  it('computes again only for another argument', () => {
    const given: number[] = [];
    const remembered = rememberLast((number: number) => given.push(number));
    expect([remembered(1), remembered(1), remembered(2), remembered(1)]).toEqual([1, 1, 2, 3]);
    expect(given).toEqual([1, 2, 1]);
  });
});
