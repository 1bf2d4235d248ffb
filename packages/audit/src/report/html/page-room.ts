import type { AuditReport, ReportCall, ReportStream } from '../../model/report.ts';
import { counted } from './wording.ts';

/** What a page holds at most: a browser is to open it. The JSON report has all. */
export interface PageRoom {
  /** Messages of ladders, over all calls. */
  readonly messages: number;
  /** Characters of base64, over all streams: 256 MiB are 7 hours of mu-law. */
  readonly audio: number;
}

export const pageRoom: PageRoom = { messages: 200_000, audio: 256 * 2 ** 20 };

/** The report as it finds room in a page: worst calls first. What is left out is told among its limits. */
export function withinRoom(report: AuditReport, room: PageRoom = pageRoom): AuditReport {
  let { messages, audio } = room;
  let [messagesLeftOut, streamsLeftOut] = [0, 0];
  const streamWithin = (stream: ReportStream): ReportStream => {
    if (stream.audio === null || stream.audio.wav === null) return stream;
    if (stream.audio.wav.length <= audio) {
      audio -= stream.audio.wav.length;
      return stream;
    }
    streamsLeftOut += 1;
    return { ...stream, audio: { ...stream.audio, wav: null } };
  };
  const callWithin = (call: ReportCall): ReportCall => {
    const kept = Math.min(messages, call.messages.length);
    const cut = call.messages.length - kept;
    messages -= kept;
    messagesLeftOut += cut;
    return {
      ...call,
      streams: call.streams.map(streamWithin),
      messages: cut === 0 ? call.messages : call.messages.slice(0, kept),
      messagesNotShown: call.messagesNotShown + cut,
    };
  };
  const calls = report.calls.map(callWithin);
  const limits = [...report.limits];
  const where = 'found no room in this page; the JSON report has';
  if (messagesLeftOut > 0) limits.push(`${counted(messagesLeftOut, 'message')} of ladders ${where} them.`);
  if (streamsLeftOut > 0) limits.push(`The audio of ${counted(streamsLeftOut, 'stream')} ${where} it.`);
  return { ...report, calls, limits };
}
