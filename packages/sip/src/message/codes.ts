import type { SipErrorCode } from '../error.ts';

/** Every way a message can be refused, and the response that says so to its sender. */
export const MESSAGE_ERRORS = {
  'sip.no-message': { status: 400, reason: 'Bad Request - No Message' },
  'sip.truncated': { status: 400, reason: 'Bad Request - Message Ends Too Early' },
  'sip.bad-start-line': { status: 400, reason: 'Bad Request - Malformed Start Line' },
  'sip.bad-version': { status: 505, reason: 'Version Not Supported' },
  'sip.start-line-too-long': { status: 414, reason: 'Request-URI Too Long' },
  'sip.bad-line-ending': { status: 400, reason: 'Bad Request - CR or LF Alone' },
  'sip.bad-control-character': { status: 400, reason: 'Bad Request - Control Character' },
  'sip.bad-header': { status: 400, reason: 'Bad Request - Malformed Header' },
  'sip.header-too-large': { status: 513, reason: 'Message Too Large' },
  'sip.too-many-headers': { status: 513, reason: 'Message Too Large' },
  'sip.duplicate-header': { status: 400, reason: 'Bad Request - Header Appears Twice' },
  'sip.missing-header': { status: 400, reason: 'Bad Request - Missing Header' },
  'sip.bad-cseq': { status: 400, reason: 'Bad Request - Malformed CSeq' },
  'sip.cseq-method-mismatch': { status: 400, reason: 'Bad Request - CSeq Method Differs' },
  'sip.bad-content-length': { status: 400, reason: 'Bad Request - Content-Length' },
  'sip.missing-content-length': { status: 400, reason: 'Bad Request - Content-Length Missing' },
  'sip.body-too-large': { status: 513, reason: 'Message Too Large' },
  'sip.bad-uri': { status: 400, reason: 'Bad Request - Malformed URI' },
  'sip.tls-record': { status: 400, reason: 'Bad Request - TLS' },
  'sip.unsupported-uri-scheme': { status: 416, reason: 'Unsupported URI Scheme' },
} as const satisfies Record<SipErrorCode, { status: number; reason: string }>;

export type MessageErrorCode = keyof typeof MESSAGE_ERRORS;
