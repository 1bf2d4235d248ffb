import { expect, test } from 'vitest';
import { parseServiceControl, type ServiceControl, serializeServiceControl } from './service-control.ts';

const octets = (text: string) => new TextEncoder().encode(text);

test.each(['reset', 'restart', 'check-version'] as const)('%s is read as it was written', (action) => {
  const control: ServiceControl = { action, registerCallId: '001b2a89-3698011e@192.0.2.9' };
  expect(parseServiceControl(serializeServiceControl(control))).toEqual(control);
});

test('other line ends, spellings and further lines are read too', () => {
  const read = parseServiceControl(octets('action=reset\nregistercallid={a b}\nFeatureControlVersionStamp={0}\n\n'));
  expect(read).toEqual({ action: 'reset', registerCallId: 'a b' });
});

test.each([
  ['nothing', ''],
  ['no registration', 'action=reset\r\n'],
  ['an empty registration', 'action=reset\r\nRegisterCallId={}\r\n'],
  ['an action that nobody knows', 'action=explode\r\nRegisterCallId={a}\r\n'],
  ['one thing twice', 'action=reset\r\nRegisterCallId={a}\r\nRegisterCallId={b}\r\n'],
  ['too much', `action=reset\r\nRegisterCallId={${'a'.repeat(5_000)}}\r\n`],
])('%s is no order', (_, text) => {
  expect(parseServiceControl(octets(text))).toBeUndefined();
});
