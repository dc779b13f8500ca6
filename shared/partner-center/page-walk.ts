import { DependencyError } from '../errors.ts';
import { addressOf } from './next-link.ts';
import type { PageAddress } from './page-request.ts';
import type { PageEnvelope } from './wire.ts';

export type PageWalk = {
  /** Throws when the page was read before, or when there are too many. */
  remember(page: PageAddress): void;
  /** Where the page's `links.next` leads; `undefined` at the end. Throws when it leads to another origin. */
  after(page: PageEnvelope): PageAddress | undefined;
};

/** Keeps a walk over `links.next` finite and on one origin. Throws DependencyError `UpstreamPartial`: part of a list is no list. */
export function createPageWalk(apiUrl: string, maxPages: number): PageWalk {
  const seen = new Set<string>();

  function partial(message: string, reason: string): DependencyError {
    return new DependencyError('UpstreamPartial', message, { details: { reason, pages: seen.size } });
  }

  return {
    remember: ({ url, headers }) => {
      // With the headers: pages may share one address and differ in MS-ContinuationToken.
      const key = JSON.stringify([url, headers]);
      if (seen.has(key)) throw partial('a page links back to one already read', 'repeated-link');
      if (seen.size >= maxPages) throw partial('there are more pages than allowed', 'too-many-pages');
      seen.add(key);
    },
    after: ({ links }) => {
      const next = links?.next;
      if (next === null || next === undefined) return undefined;
      const address = addressOf(next, apiUrl);
      if (address === undefined) throw partial('a page links to another origin', 'foreign-link');
      return address;
    },
  };
}
