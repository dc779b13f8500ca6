export type Route = { readonly match: (path: string) => Readonly<Record<string, string>> | undefined };

const parameter = /\{(\*{0,2})(\w+)((?::\w+(?:\((?:[^()]|\([^()]*\))*\))?)*)(?:=([^{}?]*))?(\?)?\}/g;
const guid = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

type Parameter = { readonly name: string; readonly isGuid: boolean; readonly fallback: string | undefined };

/** A matcher of an ASP.NET Core route template. Throws for a constraint other than `guid`, the only one this host offers. */
export function createRoute(template: string): Route {
  const parameters: Parameter[] = [];
  const segments = template.split(/\/(?![^{]*\})/).filter((segment) => segment !== '');
  const pattern = segments.map((segment) => {
    let optional = false;
    const parts: string[] = [];
    let at = 0;
    for (const found of segment.matchAll(parameter)) {
      const [text, stars, name = '', constraint = '', fallback, mark] = found;
      if (!['', ':guid'].includes(constraint.toLowerCase())) {
        throw new Error(`the route constraint "${constraint.slice(1)}" is not known`);
      }
      parameters.push({ name, isGuid: constraint !== '', fallback });
      optional ||= stars !== '' || mark === '?' || fallback !== undefined;
      parts.push(escapePattern(segment.slice(at, found.index)), stars === '' ? '([^/]+)' : '(.*)');
      at = found.index + text.length;
    }
    const body = parts.join('') + escapePattern(segment.slice(at));
    return optional ? `(?:/${body})?` : `/${body}`;
  });
  const path = new RegExp(`^${pattern.join('')}/?$`, 'is');

  return {
    match: (text) => {
      const values = path.exec(text)?.slice(1);
      if (values === undefined) return undefined;
      const params: Record<string, string> = {};
      for (const [index, { name, isGuid, fallback }] of parameters.entries()) {
        const value = values[index] ?? fallback;
        if (value === undefined) continue;
        if (isGuid && !guid.test(/^\{.{36}\}$/.test(value) ? value.slice(1, -1) : value)) return undefined;
        params[name] = value;
      }
      return params;
    },
  };
}

/**
 * The path of a request as Kestrel passes it to routing: decoded once, except `%2F` and what is not UTF-8, with dot segments
 * resolved; undefined where Kestrel answers 400.
 */
export function parsePath(target: string): string | undefined {
  const raw = target.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '');
  const decoded = raw.replaceAll(/(?:%(?!2f)[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
  if (decoded.includes('\0') || !decoded.startsWith('/')) return undefined;
  const kept: string[] = [];
  const segments = decoded.split('/').slice(1);
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  if (/^\.\.?$/.test(segments.at(-1) ?? '')) kept.push('');
  return `/${kept.join('/')}`;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
