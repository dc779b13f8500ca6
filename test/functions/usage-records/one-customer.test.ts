import { describe, expect, it } from 'vitest';
import { invoke } from '../../support/functions/invocation.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload } from '../../support/lists/usage-rows.ts';

const id = 'abcdef01-0000-4000-8000-0000000000ff';
const inHex = '{0xabcdef01,0x0000,0x4000,{0x80,0x00,0x00,0x00,0x00,0x00,0x00,0xff}}';
const nobody = '99999999-9999-4999-8999-999999999999';
const other = 'abcdef01-0000-4000-8000-0000000000fe';

async function customerFunction() {
  const functions = createUsageFunctions();
  const rows = [
    { id: id.toUpperCase(), isUpgraded: true, totalCost: 2 },
    { id: other, totalCost: 3 },
    { id, isUpgraded: false, totalCost: 1 },
  ];
  functions.rig.serve(() => Promise.resolve(createDownload(rows)));
  await functions.refresh();
  return functions.customer;
}

async function ask(customerId: string, query = '', headers: Readonly<Record<string, string>> = {}) {
  const path = `/api/customers/usagerecords/${encodeURIComponent(customerId)}${query}`;
  return invoke(await customerFunction(), path, { params: { customerId }, headers });
}

describe('GET /api/customers/usagerecords/{customerId}', () => {
  it.each([id, id.toUpperCase(), id.replaceAll('-', ''), `{${id}}`, `(${id})`, inHex])(
    '%s answers the rows of that customer in the envelope of the list',
    async (form) => {
      const answer = await ask(form);
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        json: {
          value: [
            { isUpgraded: true, totalCost: 2 },
            { isUpgraded: false, totalCost: 1 },
          ],
          totalCount: 2,
          snapshot: { recordCount: 3, state: 'fresh' },
        },
      });
      expect(answer.json).not.toHaveProperty('nextLink');
    },
  );

  it.each([nobody, '', '+bcdef01-0000-4000-8000-0000000000ff'])('%s, which has no row, is a 404', async (form) => {
    expect(await ask(form)).toMatchObject({ status: 404, json: { code: 'CustomerNotFound' } });
  });

  it('is a 404 without a route value as well', async () => {
    const answer = await invoke(await customerFunction(), '/api/customers/usagerecords/');
    expect(answer).toMatchObject({ status: 404, json: { code: 'CustomerNotFound' } });
  });

  it('has an ETag of its own for each customer, whatever the form of the id', async () => {
    const [one, same, another] = [await ask(id), await ask(`{${id.toUpperCase()}}`), await ask(other)];
    const etag = String(one.headers['etag']);
    expect(same.headers['etag']).toBe(etag);
    expect(another.headers['etag']).not.toBe(etag);
    expect((await ask(id, '', { 'if-none-match': etag })).status).toBe(304);
  });

  it('is another resource than the list of the same customer, whose ETag brings no 304', async () => {
    const functions = createUsageFunctions();
    await functions.refresh();
    const list = await invoke(functions.list, `/api/customers/usagerecords?customerId=${nobody}`);
    expect(list).toMatchObject({ status: 200, json: { totalCount: 0 } });
    const headers = { 'if-none-match': String(list.headers['etag']) };
    const path = `/api/customers/usagerecords/${nobody}`;
    const answer = await invoke(functions.customer, path, { params: { customerId: nobody }, headers });
    expect(answer).toMatchObject({ status: 404, json: { code: 'CustomerNotFound' } });
  });

  it.each(['*', ''])('is a 404 for nobody, whatever the caller holds already (If-None-Match: %s)', async (tag) => {
    const headers = tag === '' ? { 'if-modified-since': 'Fri, 27 Nov 2026 12:00:00 GMT' } : { 'if-none-match': tag };
    expect((await ask(nobody, '', headers)).status).toBe(404);
  });

  it('takes no parameter of the list', async () => {
    expect((await ask(id, '?api-version=2026-11-01&view=full&format=json')).status).toBe(200);
    expect(await ask(id, '?top=1&api-version=2020-01-01')).toMatchObject({
      status: 400,
      json: {
        code: 'InvalidRequest',
        errors: [
          {
            parameter: 'top',
            code: 'UnknownParameter',
            allowed: ['api-version', 'view', 'format', 'select', 'csvSeparator', 'asOf', 'period'],
          },
          { parameter: 'api-version', code: 'UnsupportedApiVersionValue', allowed: ['2026-11-01'] },
        ],
      },
    });
    expect(await ask(id, '', { accept: 'image/png' })).toMatchObject({ status: 406, json: { code: 'NotAcceptable' } });
    expect((await ask(id, '?format=json', { accept: 'text/csv' })).status).toBe(200);
    expect((await ask(id, '?code=x', { accept: 'text/xml, application/json; charset="utf-8"; q=0.2' })).status).toBe(
      200,
    );
  });
});
