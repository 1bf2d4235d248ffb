import { expect, test } from 'vitest';
import { withinRoom } from './page-room.ts';
import { aCall, aMessage, aStream, heardAudio, officeReport, reportOf } from './report.fixture.ts';

test('what is beyond the room of a page is left out, the worst calls keeping theirs, and that is said', () => {
  const audio = { ...heardAudio(1, 1, false), wav: 'AAAAAAAA' };
  const calls = [1, 2, 3].map((number) =>
    aCall({
      number,
      messages: [aMessage(1, 0, 1, 'INVITE'), aMessage(2, 1, 0, '200 OK')],
      messagesNotShown: 5,
      streams: [aStream({ number, audio })],
    }),
  );
  const within = withinRoom(reportOf(calls), { messages: 3, audio: 17 });
  expect(within.calls.map((call) => [call.messages.length, call.messagesNotShown])).toEqual([
    [2, 5],
    [1, 6],
    [0, 7],
  ]);
  expect(within.calls.map(({ streams }) => streams[0]?.audio?.wav)).toEqual(['AAAAAAAA', 'AAAAAAAA', null]);
  expect(within.limits).toEqual([
    '3 messages of ladders found no room in this page; the JSON report has them.',
    'The audio of 1 stream found no room in this page; the JSON report has it.',
  ]);
});

test('a report that finds room is as it was', () => {
  const report = officeReport(true);
  expect(withinRoom(report)).toEqual(report);
});
