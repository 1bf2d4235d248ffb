/** What a phone said of why it was away, or of a file: read, not yet explained. */
export interface PhoneAlarm {
  /**
   * `reason-header`: in the Reason header of a REGISTER; `text`: an Alarm of SCCP, and the debug display of older phones;
   * `xml`: `LastOutOfServiceInformation`; `status`: a line of the phone's status messages.
   */
  readonly source: 'reason-header' | 'text' | 'xml' | 'status';
  readonly device?: string;
  /** The number of the alarm; in `xml` that of `ReasonForOutOfService`, which counts otherwise from 15 on. */
  readonly code?: number;
  /** `Last=…`, or the status message. */
  readonly words?: string;
  /** The firmware that the phone runs. */
  readonly load?: string;
}

/** Characters. Alarms of phones have some hundred, in XML two thousand. */
const LONGEST = 8_192;

const WORDS = String.raw`(?:\s+Name=(?<device>\S{1,64}))?(?:\s+(?:Active)?Load=\s?(?<load>\S{1,64}))?`;
const reasonHeader = new RegExp(
  String.raw`\bcisco-alarm:(?<code>\d{1,4})${WORDS}(?:[^"]*?\bLast=(?<words>[^"\r\n]{1,80}))?`,
  'i',
);
const alarmText = new RegExp(
  String.raw`^\s*(?<code>\d{1,4}):${WORDS}(?:[^\r\n]*?\bLast=(?<words>[^\r\n]{1,80}))?`,
  'i',
);

/**
 * Reads an alarm in any of the forms in which phones send it or show it. Text of the network: nothing longer than an
 * alarm is looked at, and what comes out has no control characters.
 *
 * Forms: `Reason: SIP;cause=200;text="cisco-alarm:14 Name=… Load=… Last=cm-closed-tcp"` as in traces of a communicator
 * and of Jabber; `25: Name=… Load= 9.4(2SR3.1S) Last=Initialized` as 7900 phones show it; `<x-cisco-alarm>` as a
 * 7961 sends it, which is no well-formed XML (`<String …><not open></String>`), so that no XML parser reads it.
 */
export function readPhoneAlarm(text: string): PhoneAlarm | undefined {
  if (text.length > LONGEST) return undefined;
  if (/<Alarm\s+Name="LastOutOfServiceInformation"/i.test(text)) return readXmlAlarm(text);
  const header = reasonHeader.exec(text);
  if (header !== null) return alarmOf('reason-header', header.groups);
  const plain = alarmText.exec(text);
  if (plain !== null && (plain.groups?.['device'] ?? plain.groups?.['words']) !== undefined) {
    return alarmOf('text', plain.groups);
  }
  const words = shown(text.replace(/^\[[^\]]*\]|^\s*\d{1,2}:\d{2}:\d{2}\s?[ap]m?/i, ''));
  return words === '' || words.length > 120 ? undefined : { source: 'status', words };
}

function alarmOf(source: PhoneAlarm['source'], groups: Record<string, string | undefined> | undefined): PhoneAlarm {
  const { device, code, words, load } = groups ?? {};
  return {
    source,
    ...(device === undefined ? {} : { device: shown(device) }),
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(words === undefined ? {} : { words: shown(words) }),
    ...(load === undefined ? {} : { load: shown(load) }),
  };
}

function readXmlAlarm(text: string): PhoneAlarm {
  const value = (kind: 'String' | 'Enum', name: string) =>
    new RegExp(`<${kind}\\s+name="${name}">([^<]{1,80})</${kind}>`, 'i').exec(text)?.[1];
  const code = value('Enum', 'ReasonForOutOfService')?.trim();
  return alarmOf('xml', {
    device: value('String', 'DeviceName'),
    code: code !== undefined && /^\d{1,4}$/.test(code) ? code : undefined,
    words: value('String', 'ReasonForOutOfServiceText'),
    load: value('String', 'ActiveLoad') ?? value('String', 'ActiveLoadName'),
  });
}

function shown(text: string): string {
  return text.replace(/\p{C}/gu, '').trim();
}
