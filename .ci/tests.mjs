// Reads vitest's JSON reports. `failed REPORT` prints the files that failed; `check FIRST AGAIN` fails when a test is
// missing: AGAIN, which may not be there, is about files that were run a second time.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [, , command, ...reports] = process.argv;
const filesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).testResults;

if (command === 'failed') {
  for (const { name, status } of filesOf(reports[0])) if (status !== 'passed') console.log(relative('.', name));
} else {
  const files = new Map(reports.filter((path) => existsSync(path)).flatMap(filesOf).map((file) => [file.name, file]));
  const tests = [...files.values()].flatMap(({ assertionResults }) => assertionResults);
  const missing = tests.filter(({ status }) => status !== 'passed');
  // Debian 12 has no pgvector: what earlier versions kept in its own type on a server cannot be made here.
  const allowed = missing.filter(
    ({ status, fullName }) => status !== 'failed' && /vector.* in PostgreSQL|PostgreSQL.* vector/.test(fullName),
  );
  console.log(`${tests.length - missing.length} of ${tests.length} tests passed, ${allowed.length} need pgvector`);
  for (const { fullName, status } of missing) console.log(`${status}: ${fullName}`);
  if (missing.length > allowed.length || allowed.length > 2 || tests.length < 5_000) process.exitCode = 1;
}
