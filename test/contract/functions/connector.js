/*
 * The rules that a connector's definition has to pass (Microsoft Learn: certification Swagger validator rules, connector string
 * guidance, coding standards). Spectral gives the document with its references resolved, unless `asWritten` is asked for.
 */
const methods = ['get', 'put', 'post', 'delete', 'patch', 'head'];
const visibilities = ['important', 'advanced', 'internal'];
const extensions = new Set(
  ['summary', 'visibility', 'trigger', 'trigger-hint', 'trigger-metadata', 'pageable', 'url-encoding', 'dynamic-values']
    .concat(['dynamic-list', 'dynamic-schema', 'capabilities', 'api-annotation', 'notification-url'])
    .map((name) => `x-ms-${name}`),
);
const products = /\bapi\b|power (automate|apps|platform)|copilot/i;

export default function connector(document, options) {
  const asWritten = options?.asWritten === true;
  const findings = [];
  const operations = operationsOf(document);
  const find = (message, path = []) => findings.push({ message, path });
  if (asWritten) {
    if (document.swagger !== undefined) checkParametersAsWritten(document, operations, find);
    return findings;
  }
  checkOperations(operations, find);
  checkTitle(document, find);
  if (document.swagger === undefined) return findings;
  checkDocument(document, find);
  checkExtensions(document, [], find);
  for (const each of operations) {
    for (const [place, parameter] of each.parameters.entries())
      checkParameter(parameter, [...each.path, 'parameters', place], find);
    checkResponses(each, find);
    checkFlow(each, operations, find);
    checkSecurity(each.operation.security ?? document.security ?? [], document, each.path, find);
  }
  return findings;
}

function operationsOf({ paths = {} }) {
  return Object.entries(paths).flatMap(([route, item]) =>
    methods
      .filter((method) => item[method] !== undefined)
      .map((method) => ({
        route,
        method,
        operation: item[method],
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])],
        path: ['paths', route, method],
      })),
  );
}

// Rule 1
function checkDocument(document, find) {
  if (JSON.stringify(document).length > 1_000_000) find('the definition is larger than 1 MB');
  if (!/^[\w.-]+(:\d+)?$/.test(document.host ?? '')) find('host has a scheme or a path, or is missing', ['host']);
  if (JSON.stringify(document.schemes) !== '["https"]') find('schemes are not https alone', ['schemes']);
}

// Rule 2
function checkTitle({ info = {} }, find) {
  const { title = '', description = '', contact } = info;
  if (title.length === 0 || title.length > 30) find('the title has not 1 to 30 characters', ['info', 'title']);
  if (products.test(title)) find('the title says API or names a product', ['info', 'title']);
  if (description === '' || contact === undefined) find('description or contact is missing', ['info']);
}

// Rule 3
function checkOperations(operations, find) {
  const ids = new Set();
  for (const { operation, path } of operations) {
    const { operationId = '', summary = '', description = '' } = operation;
    if (!/^([A-Z][a-z0-9]*)+$/.test(operationId)) find('operationId is not PascalCase', [...path, 'operationId']);
    if (ids.has(operationId)) find('operationId is not the only one', [...path, 'operationId']);
    ids.add(operationId);
    if (!isSentence(summary)) find('summary is no short line in sentence case', [...path, 'summary']);
    if (description === summary || !description.endsWith('.')) {
      find('description says nothing more, or ends without a full stop', [...path, 'description']);
    }
  }
}

function isSentence(summary) {
  const words = summary.split(' ').slice(1);
  const isTitleCase = words.length > 1 && words.every((word) => /^[A-Z]/.test(word));
  return /^[A-Z][^/]{0,78}[A-Za-z0-9]$/.test(summary) && !isTitleCase;
}

function isTitle(text) {
  return (
    typeof text === 'string' &&
    /^[A-Z0-9].{0,79}$/.test(text) &&
    text.split(' ').every((word) => /^[A-Z0-9]/.test(word))
  );
}

// Rule 4
function checkParametersAsWritten({ parameters: shared = {} }, operations, find) {
  const known = new Set(Object.values(shared).map(({ name }) => name));
  for (const { parameters, path } of operations) {
    for (const [place, parameter] of parameters.entries()) {
      if (parameter.$ref !== undefined || parameter.in === 'path') continue;
      if (known.has(parameter.name)) find('the same parameter is written twice', [...path, 'parameters', place]);
      known.add(parameter.name);
    }
  }
}

function checkNamed(named, path, find) {
  if (!isTitle(named['x-ms-summary'])) find('x-ms-summary is missing or no title', path);
  if (typeof named.description !== 'string' || named.description === '') find('description is missing', path);
}

// Rules 4 and 6
function checkParameter(parameter, path, find) {
  const { name, in: where, required, default: standard, type, enum: values } = parameter;
  checkNamed(parameter, path, find);
  if (name === 'connectionId') find('a parameter may not be named connectionId', path);
  if (where === 'path' && required !== true) find('a path parameter is not required', path);
  if (where === 'path' && !['single', 'double'].includes(parameter['x-ms-url-encoding'])) {
    find('a path parameter has no x-ms-url-encoding', path);
  }
  if (parameter['x-ms-visibility'] === 'internal' && required === true && standard === undefined) {
    find('an internal parameter that is required has no default', path);
  }
  if (where !== 'body' && standard !== undefined && !isOfType(standard, type)) find('default is of another type', path);
  if (values !== undefined && !values.every((value) => isOfType(value, type))) find('enum is of another type', path);
  if (values !== undefined && standard !== undefined && !values.includes(standard))
    find('default is not in enum', path);
}

function isOfType(value, type) {
  if (type === 'integer') return Number.isInteger(value);
  return type === 'array' ? Array.isArray(value) : typeof value === type;
}

// Rules 4 and 5
function checkResponses({ operation, method, parameters, path }, find) {
  const responses = Object.entries(operation.responses ?? {});
  const withSchema = responses.filter(([, { schema }]) => schema !== undefined);
  const successes = withSchema.filter(([status]) => /^2\d\d$/.test(status));
  if (successes.length !== 1) find('there is not one schema of a success', [...path, 'responses']);
  if (withSchema.some(([status]) => status === 'default')) find('the default has a schema', [...path, 'responses']);
  if (!responses.some(([each]) => /^[45]\d\d$/.test(each))) find('no failure is listed', [...path, 'responses']);
  if (method === 'get' && parameters.some((parameter) => parameter.in === 'body')) find('a GET has a body', path);
  for (const [status, { schema }] of withSchema)
    checkProperties(schema, [...path, 'responses', status, 'schema'], find);
}

function checkProperties(schema, path, find) {
  if (schema.items !== undefined) checkProperties(schema.items, [...path, 'items'], find);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const place = [...path, 'properties', name];
    checkNamed(property, place, find);
    checkProperties(property, place, find);
  }
}

// Rule 7
function checkFlow({ operation, method, path }, operations, find) {
  const trigger = operation['x-ms-trigger'];
  const schema = operation.responses?.[200]?.schema;
  if (trigger !== undefined) {
    if (!['single', 'batch'].includes(trigger))
      find('x-ms-trigger is neither single nor batch', [...path, 'x-ms-trigger']);
    if (trigger === 'batch' && schema?.type !== 'array') find('a batch trigger answers no array', path);
    if (method === 'get' && operation.responses?.[202] === undefined) find('a polling trigger has no 202', path);
    if (!operation['x-ms-trigger-hint']) find('a trigger has no hint', path);
  }
  if (/^When an? /.test(operation.summary ?? '') !== (trigger !== undefined)) {
    find('a trigger, and nothing else, is summed up as "When a ..."', [...path, 'summary']);
  }
  const link = operation['x-ms-pageable']?.nextLinkName;
  if (operation['x-ms-pageable'] !== undefined && !['nextLink', '@odata.nextLink'].includes(link)) {
    find('x-ms-pageable names no link that flows follow', path);
  }
  for (const parameter of operation.parameters ?? []) {
    const source = parameter['x-ms-dynamic-values']?.operationId;
    if (source !== undefined && !operations.some((each) => each.operation.operationId === source)) {
      find('x-ms-dynamic-values asks an operation that does not exist', path);
    }
  }
}

// Rule 8
function checkSecurity(requirements, { securityDefinitions = {} }, path, find) {
  for (const [name, scopes] of requirements.flatMap((each) => Object.entries(each))) {
    const definition = securityDefinitions[name];
    if (definition === undefined) find(`security ${name} is not defined`, path);
    else if (definition.type === 'oauth2' && !scopes.every((scope) => scope in definition.scopes)) {
      find('a scope does not exist', path);
    }
  }
}

// Microsoft's schema knows these extensions and values only.
function checkExtensions(value, path, find) {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const place = [...path, name];
    if (name === 'example' || name === 'examples') continue;
    if (name.startsWith('x-ms-') && !extensions.has(name)) find(`there is no extension ${name}`, place);
    if (name === 'x-ms-visibility' && !visibilities.includes(member)) find('x-ms-visibility has another value', place);
    checkExtensions(member, place, find);
  }
}
