export type Route = { readonly match: (path: string) => Readonly<Record<string, string>> | undefined };

type Constraint = (value: string) => boolean;

const parameter = /\{(\*{0,2})(\w+)((?::\w+(?:\((?:[^()]|\([^()]*\))*\))?)*)(?:=([^{}?]*))?(\?)?\}/g;
const guid = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The constraints of an ASP.NET Core route template, by name. */
const constraints: Readonly<Record<string, (a: string, b: string, whole: string) => Constraint>> = {
  int: () => (value) => /^-?\d{1,10}$/.test(value) && Number(value) >= -(2 ** 31) && Number(value) < 2 ** 31,
  long: () => (value) => /^-?\d{1,19}$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value),
  double: () => (value) => /^-?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(value),
  decimal: () => (value) => /^-?\d+(?:\.\d+)?$/.test(value),
  bool: () => (value) => /^(?:true|false)$/i.test(value),
  guid: () => (value) => guid.test(/^\{.{36}\}$/.test(value) ? value.slice(1, -1) : value),
  alpha: () => (value) => /^[a-z]*$/i.test(value),
  required: () => (value) => value !== '',
  length: (a, b) => (value) => value.length >= Number(a) && value.length <= Number(b),
  minlength: (a) => (value) => value.length >= Number(a),
  maxlength: (a) => (value) => value.length <= Number(a),
  min: (a) => (value) => /^-?\d+$/.test(value) && Number(value) >= Number(a),
  max: (a) => (value) => /^-?\d+$/.test(value) && Number(value) <= Number(a),
  range: (a, b) => (value) => /^-?\d+$/.test(value) && Number(value) >= Number(a) && Number(value) <= Number(b),
  regex: (_a, _b, whole) => {
    // Braces and brackets stand doubled in a template.
    const pattern = new RegExp(whole.replaceAll(/([[\]{}])\1/g, '$1'), 'i');
    return (value) => pattern.test(value);
  },
};

/** A matcher of an ASP.NET Core route template; throws on a constraint this host does not know. */
export function createRoute(template: string): Route {
  const names: { readonly name: string; readonly checks: readonly Constraint[]; readonly fallback?: string }[] = [];
  const segments = template.split(/\/(?![^{]*\})/).filter((segment) => segment !== '');
  const pattern = segments.map((segment) => {
    let optional = false;
    const parts: string[] = [];
    let at = 0;
    for (const found of segment.matchAll(parameter)) {
      const [text, stars, name = '', checks = '', fallback, mark] = found;
      names.push({ name, checks: constraintsOf(checks), ...(fallback !== undefined && { fallback }) });
      optional ||= stars !== '' || mark === '?' || fallback !== undefined;
      parts.push(literal(segment.slice(at, found.index)), stars === '' ? '([^/]+)' : '(.*)');
      at = found.index + text.length;
    }
    const body = parts.join('') + literal(segment.slice(at));
    return optional ? `(?:/${body})?` : `/${body}`;
  });
  const path = new RegExp(`^${pattern.join('')}/?$`, 'is');

  return {
    match: (text) => {
      const values = path.exec(text)?.slice(1);
      if (values === undefined) return undefined;
      const params: Record<string, string> = {};
      for (const [index, { name, checks, fallback }] of names.entries()) {
        const value = values[index] ?? fallback;
        if (value === undefined) continue;
        if (!checks.every((check) => check(value))) return undefined;
        params[name] = value;
      }
      return params;
    },
  };
}

/**
 * The path of a request as Kestrel hands it to routing: decoded once, but for `%2F` and what is no UTF-8, dot segments
 * resolved; undefined where Kestrel answers 400.
 */
export function toPath(target: string): string | undefined {
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

function constraintsOf(text: string): Constraint[] {
  return [...text.matchAll(/:(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?/g)].map(([, name = '', whole = '']) => {
    const create = constraints[name.toLowerCase()];
    if (create === undefined) throw new Error(`the route constraint "${name}" is not known`);
    const [a = '', b] = whole.split(',').map((part) => part.trim());
    return create(a, b ?? a, whole);
  });
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
