// A helper of its own process, as `trustline ipsec helper` is one. Parameters: its folder, and the file of its state.
import { IpsecHelper } from '../node/helper-server.ts';

const [folder = '', stateFile = ''] = process.argv.slice(2);
const helper = await IpsecHelper.start({
  folder,
  stateFile,
  stack: 'kernel-libipsec',
  table: 'trustline_ipsec',
  say: (sentence) => process.stderr.write(`${sentence}\n`),
});
process.stdout.write('ready\n');
process.once('SIGTERM', () => void helper.stop().then(() => process.exit(0)));
