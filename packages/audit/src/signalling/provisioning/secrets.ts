/** A secret that stands in a file of settings. */
export interface FoundSecret {
  /** As the file calls it: `sshPassword`, `account.1.password`, `P34`. */
  readonly name: string;
  readonly value: string;
  /** The user that the file names last before it, where it does. */
  readonly user: string | undefined;
}

/** Secrets that are told of one file, and how much of a name and a value is looked at. */
export const MOST_SECRETS = 64;
const LONGEST_VALUE = 256;

/** What names of secrets have in common, whoever made the phone. */
const secretName =
  /passw(?:or|r)?d|passwort|passphrase|passcode|pswd|\bpwd|pwd\b|_pwd|secret|(?:^|[._-])psk|privatekey|private_key|(?:^|[._-])pass(?:$|[._-]|\d)|(?:user|http|sip|web|auth|admin)_?pass(?:$|[._-]|\d)|^pin$|[._-]pin$/i;
/** Names with such a word that say something about a secret and not what it is. */
const aboutSecret =
  /(?:enabled?|length|len|mode|min|max|policy|required?|prompt|display|label|encrypt(?:ed|ion)?|changed?|type|expir\w*|age|retries|timeout|url|uri|path|file|hash|format|visible|hidden|level|\.set)$/i;
/** Grandstream numbers its settings: passwords of administrator, user and accounts. */
const numberedSecrets: ReadonlySet<string> = new Set(
  ['P2', 'P196', 'P34', 'P406', 'P506', 'P606', 'P1706', 'P1806', 'P4114', 'P237pass', 'P1360', 'P8025'].map((name) =>
    name.toLowerCase(),
  ),
);
const userName =
  /(?:auth_?name|auth_?user\w*|user_?name|auth\.?id|user_?id|sshuserid|authid|^p(?:36|35|405|404|504|505)$|_user$|\.user$)/i;
/** Values that switch something, and what stands for none. */
const noSecret = /^(?:true|false|yes|no|on|off|enabled?|disabled?|none|null|\*+|)$/i;

/** Whether a setting of that name holds a secret. */
export function namesSecret(name: string): boolean {
  const bare = name.replace(/[._-]?\d+_?$/, '').replace(/_+$/, '');
  if (numberedSecrets.has(name.toLowerCase())) return true;
  return (secretName.test(bare) || secretName.test(name)) && !aboutSecret.test(bare);
}

const patterns: readonly RegExp[] = [
  // XML: <sshPassword>cisco</sshPassword>, <P34>…</P34>, <user_pass idx="1" perm="">…</user_pass>
  /<([A-Za-z_][\w.:-]{0,63})(?:\s[^<>]{0,200})?>([^<>]{1,256})<\//g,
  // Attributes, and settings with quotes: reg.1.auth.password="…", SIP_PASS_1="…"
  /([A-Za-z_][\w.:-]{0,63})\s{0,4}=\s{0,4}"([^"\r\n]{1,256})"/g,
  // Names that are values themselves: <param name="…AuthPassword" value="…"/>, <item name="…">…</item>, <part name="password">…</part>
  /<\w{1,16}\s[^<>]{0,60}?name="([A-Za-z_][\w.:[\]-]{0,63})"\s[^<>]{0,60}?value="([^"\r\n]{1,256})"/g,
  /<\w{1,16}\s[^<>]{0,60}?name="([A-Za-z_][\w.:[\]-]{0,63})"[^<>]{0,60}>([^<>]{1,256})<\//g,
  // JSON
  /"([A-Za-z_][\w.:-]{0,63})"\s{0,4}:\s{0,4}"([^"\r\n]{1,256})"/g,
  // SET SIPPASSWORD …
  /^[ \t]{0,8}SET[ \t]{1,4}(\w{1,64})[ \t]{1,8}"?([^"\r\n]{1,256})/gm,
  // A line for each: account.1.password = …, sip line1 password: …, user_pass1!: …, SIP1 Register Pswd :…, enable secret …
  /^[ \t]{0,8}(?!SET[ \t])([A-Za-z_][\w. -]{0,63}?)[!$&]?[ \t]{0,8}(?:=|:|[ \t](?=[^:\s]\S*[ \t]*$))[ \t]{0,8}([^"\s][^\r\n]{0,255})$/gm,
];

/** What stands in every file that holds one: most files that cross a network do not, and are not looked at closer. */
const mayHoldSecret = /pass|pwd|pswd|secret|psk|private_?key|pin\b|\bP\d{1,4}\b/i;

/** Finds secrets in a file of settings, as phones of many makes take it: XML, or a line for each. */
export function findSecrets(text: string): readonly FoundSecret[] {
  if (!mayHoldSecret.test(text)) return [];
  const settings: { readonly at: number; readonly name: string; readonly value: string }[] = [];
  for (const pattern of patterns) {
    for (const { index, 1: name = '', 2: value = '' } of text.matchAll(pattern)) {
      if (settings.length >= 20_000) break;
      settings.push({ at: index, name: name.trim(), value: value.trim().slice(0, LONGEST_VALUE) });
    }
  }
  settings.sort((one, other) => one.at - other.at);
  const found = new Map<string, FoundSecret>();
  let user: string | undefined;
  for (const { name, value } of settings) {
    if (userName.test(name) && !noSecret.test(value)) user = unescaped(value);
    if (!namesSecret(name) || noSecret.test(value) || found.size >= MOST_SECRETS) continue;
    found.set(`${name} ${value}`, { name, value: unescaped(value), user });
  }
  return [...found.values()];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);
}
