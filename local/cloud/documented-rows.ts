import type { UsageRow } from './usage-row.ts';
import { batchStamp, isoDay, usageRow } from './usage-row.ts';

const none = ['0', '0', '0'] as const;
const sweden = ['602.84', '120.5682999999995904716', '12.39999999999999985235'] as const;
const britain = ['28.08', '27.23292827625710931604', '33.280000000000001044'] as const;

/**
 * The records of the documented response, their dates moved into the month of `day`.
 * Source: Partner Center REST, "Get usage records for all customers".
 */
export const documentedRows: readonly ((day: number) => UsageRow)[] = [
  (day) =>
    usageRow({
      id: '11111111-1843-4b3b-872f-206e08a08e51',
      name: '"LEGACY AZURE CUSTOMER SE"',
      isUpgraded: false,
      currency: 'fr-FR',
      amount: '',
      figures: none,
      lastModifiedDate: `${isoDay(day).slice(0, 8)}01T03:00:16.57+00:00`,
    }),
  planRow('11111111-6fb9-4b05-8f15-b3d72e0596e6', 'Modern Azure Customer SE', 'SEK', '20', sweden),
  planRow('11111111-5892-4326-8541-9da1fdb233fb', 'Test_Test_MA20190829_14', 'GBP', '', none),
  planRow('11111111-641b-4c53-b7fc-0f2bfca8a581', 'Modern Azure Customer UK', 'GBP', '97', britain),
];

type Figures = Parameters<typeof usageRow>[0]['figures'];

function planRow(id: string, name: string, currency: string, amount: string, figures: Figures) {
  return (day: number): UsageRow =>
    usageRow({
      id,
      name: JSON.stringify(name),
      isUpgraded: true,
      currency,
      amount,
      figures,
      lastModifiedDate: batchStamp(day),
    });
}
