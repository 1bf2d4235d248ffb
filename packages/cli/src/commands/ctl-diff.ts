import { diffTrustLists, judgeOfferedList, type ListJudgment, listFileName } from '@trustline/pki';
import { json, printable, type Terminal } from '../terminal.ts';
import { CTL_SCHEMA, type ListFile, readListFile } from './ctl-file.ts';

export function diffLists(
  oldPath: string,
  newPath: string,
  options: { readonly json?: true },
  terminal: Terminal,
): void {
  const [before, after] = [readListFile(oldPath), readListFile(newPath)];
  const changes = diffTrustLists(before.list, after.list);
  const judged = offered(before, after);
  if (options.json) {
    const verdict = judged.accepted ? { taken: true } : { taken: false, rule: judged.rule, offset: judged.offset };
    terminal.out(json({ schema: CTL_SCHEMA, node: null, changes, ...verdict, reason: judged.ourWords }));
    return;
  }
  const sentences = changes.length === 0 ? ['The lists say the same.'] : changes;
  const answer = judged.accepted ? 'takes' : 'REFUSES';
  terminal.out(
    [...sentences, `A phone that holds ${oldPath} alone ${answer} ${newPath}: ${judged.ourWords}`]
      .map((sentence) => `${printable(sentence)}\n`)
      .join(''),
  );
}

/** What a phone would say that holds the old list, no other, and reaches no TVS. */
function offered(before: ListFile, { kind, octets }: ListFile): ListJudgment {
  const held = { ctl: undefined, itl: undefined, [before.kind === 'CTL' ? 'ctl' : 'itl']: before.list };
  return judgeOfferedList(held, { kind, requestedName: listFileName(kind), octets }, { now: Date.now() });
}
