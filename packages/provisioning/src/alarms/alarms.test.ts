import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainPhoneAlarm } from './explain-alarm.ts';
import { type PhoneAlarm, readPhoneAlarm } from './read-alarm.ts';

const xml = (parameters: string) =>
  `<x-cisco-alarm>\n<Alarm Name="LastOutOfServiceInformation">\n<ParameterList>\n${parameters}\n</ParameterList>\n</Alarm>\n</x-cisco-alarm>\n`;

describe('the forms in which phones say it', () => {
  test.each<[string, string, PhoneAlarm]>([
    [
      'the Reason header of a communicator, from a trace',
      'SIP;cause=200;text="cisco-alarm:14 Name=SEP005056C00001 Load=CIPC-8-6-6-1 Last=cm-closed-tcp"',
      { source: 'reason-header', device: 'SEP005056C00001', code: 14, load: 'CIPC-8-6-6-1', words: 'cm-closed-tcp' },
    ],
    [
      'the one of Jabber, with two firmwares',
      'SIP;cause=200;text="cisco-alarm:25 Name=CSFUSER ActiveLoad=Jabber_for_Windows-14 InactiveLoad=Jabber_for_Windows-14 Last=initialized"',
      { source: 'reason-header', device: 'CSFUSER', code: 25, load: 'Jabber_for_Windows-14', words: 'initialized' },
    ],
    [
      'the text of a 7900 phone',
      '25: Name=SEPB8BEBF227D79 Load= 9.4(2SR3.1S) Last=Initialized',
      { source: 'text', device: 'SEPB8BEBF227D79', code: 25, load: '9.4(2SR3.1S)', words: 'Initialized' },
    ],
    [
      'XML of a 7961, which no XML parser reads',
      xml(
        '<String name="DeviceName">SEP001122334455</String>\n<String name="UnifiedCMIPAddress"><not open></String>\n<Enum name="ReasonForOutOfService">12</Enum>',
      ),
      { source: 'xml', device: 'SEP001122334455', code: 12 },
    ],
    ['XML without a reason, as it was seen', xml('<Enum name="ReasonForOutOfService"></Enum>'), { source: 'xml' }],
    ['a status message', '[8:52:30am 10/01/19] ITL installed', { source: 'status', words: 'ITL installed' }],
    [
      'a status message with a file',
      '1:33:26a TFTP Error : SEPB8BEBF9D2061.cnf.xml.sgn',
      { source: 'status', words: 'TFTP Error : SEPB8BEBF9D2061.cnf.xml.sgn' },
    ],
  ])('%s', (_, text, expected) => {
    expect(readPhoneAlarm(text)).toEqual(expected);
  });

  test.each(['', ' \r\n', 'x'.repeat(200), 'x'.repeat(10_000)])('nothing is read from what is no alarm', (text) => {
    expect(readPhoneAlarm(text)).toBe(undefined);
  });

  test('any text: no control characters come out, and nothing long', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 0x2fff })).map((codes) => String.fromCodePoint(...codes)),
        fc.constantFrom('', 'cisco-alarm:7 Name=', '3: Name=a Last='),
        (text, start) => {
          for (const value of Object.values(readPhoneAlarm(start + text) ?? {})) {
            expect(String(value)).not.toMatch(/\p{Cc}/u);
            expect(String(value).length).toBeLessThanOrEqual(120);
          }
        },
      ),
    );
  });
});

describe('what it means', () => {
  test.each<[string, PhoneAlarm, string, string]>([
    [
      'Last= in any case',
      { source: 'reason-header', code: 14, words: 'cm-closed-tcp' },
      'manager-closed-connection',
      'documented',
    ],
    ['a number alone', { source: 'text', code: 24 }, 'registration-rejected', 'documented'],
    ['15 as text is ICMP', { source: 'text', code: 15 }, 'manager-unreachable', 'inferred'],
    ['15 in XML is the sign of life', { source: 'xml', code: 15 }, 'keepalive', 'documented'],
    ['16 in XML is the lost address', { source: 'xml', code: 16 }, 'address-lost', 'documented'],
    [
      'a file that was refused',
      { source: 'status', words: 'File auth error: SEP1.cnf.xml.sgn' },
      'file-signature',
      'documented',
    ],
    [
      'a list that was refused',
      { source: 'status', words: 'Trust List update failed (CTL)' },
      'list-refused',
      'documented',
    ],
    ['a list that was taken', { source: 'status', words: 'CTL and ITL installed' }, 'list-taken', 'documented'],
    ['a number that nothing is known of', { source: 'xml', code: 999 }, 'unknown', 'unknown'],
    ['nothing at all', { source: 'xml' }, 'unknown', 'unknown'],
  ])('%s', (_, alarm, kind, confidence) => {
    const explained = explainPhoneAlarm(alarm);
    expect(explained).toMatchObject({ kind, confidence });
    for (const sentence of [explained.cause, explained.nextStep]) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  test('what our own phone logs is understood by our own manager', () => {
    for (const words of [
      'Trust List update failed (ITL)',
      'File auth error: x',
      'No Trust List Installed',
      'TFTP timeout',
      'File not found: x',
    ]) {
      expect(explainPhoneAlarm({ source: 'status', words }).kind).not.toBe('unknown');
    }
  });
});
