import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { CallRecord, CallRecordLeg } from '@trustline/evidence';

/**
 * Tells a call as a trace: a span for all of it, with one for its set-up, one for the talk, and one for each leg. Of
 * people it says nothing, no number, name or address; the name of the call leads to them in the records.
 */
export function traceCall(tracer: Tracer, record: CallRecord): void {
  const { startedAt, answeredAt, endedAt, outcome, level } = record;
  const [start, end] = [Date.parse(startedAt), Date.parse(endedAt)];
  const answered = answeredAt === undefined ? undefined : Date.parse(answeredAt);
  const call = tracer.startSpan(
    'call',
    { startTime: start, kind: SpanKind.SERVER, attributes: attributesOf(record) },
    ROOT_CONTEXT,
  );
  const within = trace.setSpan(ROOT_CONTEXT, call);
  const part = (name: string, from: number, to: number, attributes: Attributes = {}) =>
    tracer.startSpan(name, { startTime: from, attributes }, within).end(to);
  part('call set-up', start, answered ?? end);
  if (answered !== undefined) part('call talk', answered, end);
  for (const leg of record.legs) part(`leg ${leg.role}`, start, end, attributesOfLeg(leg));
  for (const change of record.levels) call.addEvent(`level ${change.level}`, Date.parse(change.at));
  settle(call, outcome, level);
  call.end(end);
}

function attributesOf({ call, policy, level, outcome, reason, node }: CallRecord): Attributes {
  return {
    'trustline.call': call,
    'trustline.node': node,
    'trustline.policy': policy,
    'trustline.level': level,
    'trustline.outcome': outcome,
    ...(reason === undefined ? {} : { 'trustline.reason': reason }),
  };
}

function attributesOfLeg({ leg, protocol, signalling, proof, keying, suite, level }: CallRecordLeg): Attributes {
  return {
    'trustline.leg': leg,
    'trustline.protocol': protocol,
    'trustline.signalling': signalling,
    'trustline.proof': proof,
    'trustline.keying': keying,
    'trustline.level': level,
    ...(suite === undefined ? {} : { 'trustline.suite': suite }),
  };
}

/** Busy, unanswered and given up are how calls go; a failure is one of ours to look at. */
function settle(call: Span, outcome: CallRecord['outcome'], level: string): void {
  if (outcome === 'failed') call.setStatus({ code: SpanStatusCode.ERROR, message: `the call failed at ${level}` });
}
