import { auditReportSchema } from '@trustline/audit';
import type { Command } from 'commander';
import { json, type Terminal } from '../terminal.ts';

export function addAuditSchema(audit: Command, terminal: Terminal): void {
  audit
    .command('schema')
    .description('the JSON Schema of the report, for programs that read it')
    .addHelpText('after', '\nExample:\n  trustline audit schema > audit-report.schema.json')
    .action(() => terminal.out(json(auditReportSchema)));
}
