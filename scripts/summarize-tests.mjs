// Adds up the JSON reports of the tiers: the slowest files, then one closing line with the count of tests.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const files = reports.flatMap((report) => report.testResults);
const seconds = (file) => (file.endTime - file.startTime) / 1000;

console.log('The slowest files:');
for (const file of files.sort((a, b) => seconds(b) - seconds(a)).slice(0, 12)) {
  console.log(`${seconds(file).toFixed(1).padStart(7)} s  ${path.relative(process.cwd(), file.name)}`);
}
const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
const skipped = sum('numPendingTests') + sum('numTodoTests');
console.log(
  `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
if (files.length === 0 || sum('numFailedTests') > 0) process.exit(1);
