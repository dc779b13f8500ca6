import { filterNames } from './select.ts';

/** The parameters of one customer's rows. */
export const customerParameters = ['api-version', 'view', 'format', 'select', 'csvSeparator'] as const;

/** The parameters of the summary: those of the list that choose rows. */
export const summaryParameters = ['api-version', ...filterNames] as const;
