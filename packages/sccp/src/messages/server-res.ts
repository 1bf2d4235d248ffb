import { address } from '../layout/addresses.ts';
import { integers, list } from '../layout/lists.ts';
import { message } from '../layout/message.ts';
import { text } from '../layout/texts.ts';

/** ServerRes (0x009E), manager to phone: the managers that there are. */
export const serverRes = message('ServerRes', 0x009e, 'manager', [
  list('server', { capacity: 5, filled: true, counted: false }, [text('ServerName', 48)]), // [C2: WS, CHSCCP]
  integers('serverTcpListenPort', 4, { capacity: 5, filled: true, counted: false }), // [C2: WS, CHSCCP]
  list('serverIpAddr', { capacity: 5, filled: true, counted: false }, [address('stationIpAddr')]), // [C2: WS, CHSCCP]
]);
