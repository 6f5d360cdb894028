// Names what failed in a JSON report of vitest, with the first lines of why: node scripts/failed-tests.mjs <report.json>
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const LINES = 15; // of each failure: the message and where, not the whole stack
const say = (name, why) => console.log(`!! ${name}\n${why.split('\n').slice(0, LINES).join('\n')}`);

for (const file of JSON.parse(readFileSync(process.argv[2], 'utf8')).testResults) {
  const name = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter((test) => test.status === 'failed');
  for (const test of failed) say(`${name} > ${test.fullName}`, test.failureMessages.join('\n'));
  if (file.status === 'failed' && failed.length === 0)
    say(name, file.message || 'its set-up or clean-up failed: see the output above');
}
