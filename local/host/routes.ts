export type Route = { readonly match: (path: string) => Readonly<Record<string, string>> | undefined };

const parameter = /^\{(\w+)(?::(\w+))?\}$/;
const guid = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/**
 * A matcher of an ASP.NET Core route template, of whose parameters it knows those that are a whole segment, with or without the
 * constraint `guid`. Throws for any other.
 */
export function createRoute(template: string): Route {
  const segments = template.split('/').filter((segment) => segment !== '');
  const parameters = segments.flatMap((segment) => {
    if (!segment.includes('{')) return [];
    const [, name, constraint = ''] = parameter.exec(segment) ?? [];
    if (name === undefined || !['', 'guid'].includes(constraint)) throw new Error(`"${segment}" is not known`);
    return [{ name, isGuid: constraint === 'guid' }];
  });
  const pattern = segments.map((segment) =>
    segment.includes('{') ? '/([^/]+)' : `/${segment.replaceAll(/\W/g, String.raw`\$&`)}`,
  );
  const path = new RegExp(`^${pattern.join('')}/?$`, 'is');

  return {
    match: (text) => {
      const values = path.exec(text)?.slice(1);
      const isValid = ({ isGuid }: (typeof parameters)[number], at: number) =>
        !isGuid || guid.test((values?.[at] ?? '').replace(/^\{(.{36})\}$/, '$1'));
      if (values === undefined || !parameters.every(isValid)) return undefined;
      return Object.fromEntries(parameters.map(({ name }, at) => [name, values[at] ?? '']));
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
