import { DependencyError } from '../errors.ts';
import { readUpstreamIds } from './api-errors.ts';
import type { HttpAnswer } from './http.ts';
import { addressOf } from './next-link.ts';
import type { PageAddress } from './page-request.ts';
import type { PageEnvelope } from './page-envelope.ts';

/** Where a page's `links.next` leads; `undefined` at the end. Throws DependencyError `UpstreamPartial`. */
export type FollowLink = (page: PageEnvelope, answer: HttpAnswer) => PageAddress | undefined;

/**
 * Keeps a walk over `links.next` finite and on one origin: part of a list is no list. An error has the page with the refused
 * link as evidence.
 */
export function createPageWalk(apiUrl: string, first: PageAddress, maxPages: number): FollowLink {
  const seen = new Set([keyOf(first)]);

  return function followLink({ links }, answer) {
    const next = links?.next;
    if (next === null || next === undefined) return undefined;

    function partial(message: string, reason: string): DependencyError {
      const details = { reason, pages: seen.size, bytes: answer.body.length, ...readUpstreamIds(answer) };
      return new DependencyError('UpstreamPartial', message, { details, evidence: answer.body });
    }

    const address = addressOf(next, apiUrl);
    if (address === undefined) throw partial('a page links to another origin', 'foreign-link');
    if (seen.has(keyOf(address))) throw partial('a page links back to one already read', 'repeated-link');
    if (seen.size >= maxPages) throw partial('there are more pages than allowed', 'too-many-pages');
    seen.add(keyOf(address));
    return address;
  };
}

/** With the headers: pages may share one address and differ in MS-ContinuationToken. */
function keyOf({ url, headers }: PageAddress): string {
  return JSON.stringify([url, headers]);
}
