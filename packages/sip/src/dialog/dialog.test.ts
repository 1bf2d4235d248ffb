import { describe, expect, test } from 'vitest';
import { cseq } from '../message/cseq.ts';
import { appendHeader, headerValue, headerValues, withHeader } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import {
  acceptSequence,
  confirmCallerDialog,
  createCalleeDialog,
  createCallerDialog,
  type Dialog,
  refreshTarget,
} from './dialog.ts';
import { dialogKey, dialogKeyOfRequest } from './dialog-key.ts';
import { createAck, createInDialogRequest, recordRouteHeaders } from './in-dialog-request.ts';

const invite: SipRequest = {
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:bob@biloxi.example',
  headers: [
    { name: 'Via', value: 'SIP/2.0/TCP client.atlanta.example;branch=z9hG4bK1' },
    { name: 'Record-Route', value: '<sip:p2.example;lr>, <sip:p1.example;lr>' },
    { name: 'From', value: '"Alice" <sip:alice@atlanta.example>;tag=a1' },
    { name: 'To', value: 'Bob <sip:bob@biloxi.example>' },
    { name: 'Call-ID', value: 'call@atlanta' },
    { name: 'CSeq', value: '7 INVITE' },
    { name: 'Contact', value: '<sip:alice@client.atlanta.example;transport=tcp>' },
  ],
  body: new Uint8Array(0),
};

function answer(status: number, tag: string, contact = '<sip:bob@client.biloxi.example>'): SipResponse {
  const headers = [...recordRouteHeaders(invite), { name: 'Contact', value: contact }];
  return createResponse(invite, status, { toTag: tag, headers });
}

function made<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value');
  return value;
}

const caller = (): Dialog => made(createCallerDialog(invite, answer(180, 'b1')));

describe('creation', () => {
  test('caller and callee see the same dialog from their two sides (RFC 3261 §12.1)', () => {
    const callee = made(createCalleeDialog(invite, 'b1'));
    const other = caller();
    expect(other.localTag).toBe(callee.remoteTag);
    expect(other.remoteTag).toBe(callee.localTag);
    expect(callee.routeSet).toEqual(['<sip:p2.example;lr>', '<sip:p1.example;lr>']);
    expect(other.routeSet).toEqual(['<sip:p1.example;lr>', '<sip:p2.example;lr>']);
    expect(callee.remoteTarget).toBe('sip:alice@client.atlanta.example;transport=tcp');
    expect(callee).toMatchObject({ localSequence: undefined, remoteSequence: 7, state: 'early' });
    expect(other).toMatchObject({ localSequence: 7, remoteSequence: undefined, state: 'early' });
  });

  test('a 100, a failure, and a response without one Contact make none', () => {
    expect(createCallerDialog(invite, answer(100, 'b1'))).toBeUndefined();
    expect(createCallerDialog(invite, answer(486, 'b1'))).toBeUndefined();
    expect(createCallerDialog(invite, answer(200, 'b1', '<sip:a@x>, <sip:b@x>'))).toBeUndefined();
    expect(createCalleeDialog(withHeader(invite, 'Contact', '<tel:+1>'), 'b1')).toBeUndefined();
  });

  test('each fork makes a dialog of its own, known by its To tag', () => {
    const one = made(createCallerDialog(invite, answer(180, 'b1')));
    const two = made(createCallerDialog(invite, answer(180, 'b2')));
    expect(dialogKey(one)).not.toBe(dialogKey(two));
    expect(two.remoteTag).toBe('b2');
  });

  test('the 2xx sets the route set and target anew, and keeps the sequence numbers (RFC 3261 §13.2.2.4)', () => {
    const early = createInDialogRequest({ ...caller(), routeSet: [] }, 'UPDATE').dialog;
    const confirmed = confirmCallerDialog(early, answer(200, 'b1', '<sip:bob@elsewhere>'));
    expect(confirmed).toMatchObject({ state: 'confirmed', remoteTarget: 'sip:bob@elsewhere', localSequence: 8 });
    expect(confirmed.routeSet).toHaveLength(2);
  });
});

describe('requests within the dialog', () => {
  test('a request finds the dialog at the other side', () => {
    const { request } = createInDialogRequest(caller(), 'BYE');
    expect(dialogKeyOfRequest(request)).toBe(dialogKey(made(createCalleeDialog(invite, 'b1'))));
    expect(dialogKeyOfRequest(invite)).toBeUndefined();
  });

  test('sequence numbers rise by one, and an ACK has the number and credentials of its INVITE (§13.2.2.4, §22.1)', () => {
    const { dialog, request } = createInDialogRequest(caller(), 'INFO');
    expect(cseq(request)?.sequence).toBe(8);
    expect(cseq(createInDialogRequest(dialog, 'BYE').request)?.sequence).toBe(9);
    const ack = createAck(dialog, appendHeader(invite, 'Authorization', 'Digest x="y"'));
    expect(cseq(ack)).toEqual({ sequence: 7, method: 'ACK' });
    expect(headerValue(ack, 'Authorization')).toBe('Digest x="y"');
  });

  test('loose routing keeps the target in the Request-URI (RFC 3261 §12.2.1.1)', () => {
    const { request } = createInDialogRequest(caller(), 'BYE');
    expect(request.uri).toBe('sip:bob@client.biloxi.example');
    expect(headerValues(request, 'Route')).toEqual(['<sip:p1.example;lr>', '<sip:p2.example;lr>']);
  });

  test('strict routing moves the target to the end of the route (RFC 3261 §12.2.1.1)', () => {
    const strict = { ...caller(), routeSet: ['<sip:old.example;method=INVITE?a=b>', '<sip:p2.example;lr>'] };
    const { request } = createInDialogRequest(strict, 'BYE');
    expect(request.uri).toBe('sip:old.example');
    expect(headerValues(request, 'Route')).toEqual(['<sip:p2.example;lr>', '<sip:bob@client.biloxi.example>']);
  });

  test('a number not above the last is out of order (RFC 3261 §12.2.2)', () => {
    const dialog = made(createCalleeDialog(invite, 'b1'));
    const numbered = (value: string) => withHeader(invite, 'CSeq', value);
    expect(acceptSequence(dialog, numbered('6 INFO'))).toBeUndefined();
    expect(acceptSequence(dialog, numbered('7 INFO'))).toBeUndefined();
    expect(acceptSequence(dialog, numbered('12 INFO'))?.remoteSequence).toBe(12);
  });

  test('a target refresh without a usable Contact leaves the target', () => {
    expect(refreshTarget(caller(), withHeader(invite, 'Contact', '<sip:new@x>')).remoteTarget).toBe('sip:new@x');
    expect(refreshTarget(caller(), withHeader(invite, 'Contact', '*')).remoteTarget).toBe(caller().remoteTarget);
  });
});
