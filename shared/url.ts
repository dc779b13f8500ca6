/** The URL without slashes at its end, ready to put a path behind it. */
export function trimTrailingSlashes(url: string): string {
  return url.replace(/\/+$/, '');
}
