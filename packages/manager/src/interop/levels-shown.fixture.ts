const callInfo = /^Call-Info: <urn:x-cisco-remotecc:callinfo>; orientation=(\w+); security=(\w+)$/m;

/** The levels that a phone was shown, one for each received message that shows one: `to Encrypted`. */
export function levelsShown(messages: readonly { readonly sent: boolean; readonly text: string }[]): string[] {
  return messages.flatMap(({ sent, text }) => {
    const [, orientation, level] = (sent ? undefined : callInfo.exec(text)) ?? [];
    return orientation === undefined ? [] : [`${orientation} ${level}`];
  });
}
