import { describe, expect, it } from 'vitest';
import { listAcceptedFormats, namesType, negotiateCodings } from '../../shared/http/negotiation.ts';

function codingsOf(acceptEncoding: string | undefined) {
  return negotiateCodings(new Headers(acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }));
}

describe('negotiateCodings', () => {
  it.each([
    [undefined, ['identity']],
    ['', ['identity']],
    ['gzip', ['gzip', 'identity']],
    ['GZIP', ['gzip', 'identity']],
    ['gzip, deflate, br, zstd', ['gzip', 'identity']],
    ['*', ['gzip', 'identity']],
    ['br', ['identity']],
    ['gzip;q=0', ['identity']],
    ['*;q=0, gzip', ['gzip']],
    ['gzip, identity;q=0', ['gzip']],
    ['identity;q=0, *', ['gzip']],
    ['br;q=1.0, gzip;q=0.8, *;q=0.1', ['gzip', 'identity']],
    ['identity, gzip;q=0.5', ['identity', 'gzip']],
    ['gzip;q=0.001, identity;q=0.002', ['identity', 'gzip']],
    ['identity', ['identity']],
    ['gzip;q=abc', ['identity']],
  ])('takes %j as %j', (acceptEncoding, codings) => {
    expect(codingsOf(acceptEncoding)).toEqual(codings);
  });

  it.each(['identity;q=0', '*;q=0', 'br, identity;q=0', 'gzip;q=0, identity;q=0'])('finds nothing in %j', (header) => {
    expect(() => codingsOf(header)).toThrow(/NotAcceptable/);
  });
});

describe('a header that is longer than any client writes', () => {
  const commas = `text/csv${','.repeat(30_000)}`;

  it.each<[name: string, negotiate: (headers: Headers) => unknown, disregarded: unknown]>([
    ['accept', listAcceptedFormats, ['json', 'csv']],
    ['accept', (headers) => namesType(headers, 'text/csv'), false],
    ['accept-encoding', negotiateCodings, ['identity']],
  ])('is disregarded: %s', (name, negotiate, disregarded) => {
    const headers = new Headers({ [name]: commas });
    expect(negotiate(headers)).toEqual(disregarded);
  });
});
