export {
  type AuditedCapture,
  auditSources,
  type KeyFileReport,
  readKeyFiles,
  reportCapture,
  startAudit,
} from './audit-captures.ts';
