// Holds a report against its published schema and against what it says of itself: `node scripts/check-report.mjs report.json [outcome]`.
import { readFileSync } from 'node:fs';
import { reportSchema } from '../dist/runbook/report-schema.js';
import { verifyDecisions } from '../dist/client/report/seal.js';

const [file, outcome = 'updated'] = process.argv.slice(2);
const report = reportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
const problems = verifyDecisions(report);
if (report.outcome !== outcome)
  problems.push(`outcome ${report.outcome}, expected ${outcome}: ${report.reason?.message ?? ''}`);
if (outcome === 'restored' && report.restore?.proved !== true) problems.push('the restore is not proved');
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
