import { u16, u32 } from '../layout/integers.ts';
import { countOf, list } from '../layout/lists.ts';
import { message } from '../layout/message.ts';

/** CallCountResp (0x015F), manager to phone: how many calls the lines of a phone may have. */
export const callCountResp = message('CallCountResp', 0x015f, 'manager', [
  u32('totalNumOfConfiguredLines'), // [C: WS]
  u32('startingLineInstance'), // [C: WS]
  countOf('lineDataEntries', 'lineData', 42), // [C: WS]
  list('lineData', { capacity: 42, filled: false, counted: true }, [u16('maxNumCalls'), u16('busyTrigger')]), // [C: WS]
]);
