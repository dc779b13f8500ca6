import { fetchOffset } from './cloud-clock.ts';
import { installShiftedDate } from './shifted-date.ts';

// For `node --import`: gives a command the time of the local cloud at the command's start.
const controlUrl = process.env['LOCAL_CLOUD_CONTROL_URL'];
if (controlUrl !== undefined) installShiftedDate()(await fetchOffset(controlUrl));
