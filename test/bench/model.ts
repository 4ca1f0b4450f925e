import { medianPromptTokens } from './model/prompt-tokens.ts';
import { IDEAL_PER_SECOND, throughput } from './model/throughput.ts';
import { report, round } from './report.ts';

const TICKETS = 1_600;
const HANGING_TICKETS = 256;
const TIMEOUT_S = 2;
const FEW = 16;
const MAX_PROMPT_TOKENS = 2_500;

/** What a language model costs beyond its own time: throughput while it is waited for, and what a prompt weighs. */
const databaseUrl = process.env['TEST_DATABASE_URL'];
const redisUrl = process.env['TEST_REDIS_URL'];
if (!databaseUrl || !redisUrl) throw new Error('needs TEST_DATABASE_URL (PostgreSQL) and TEST_REDIS_URL (Redis)');

const tickets = Number(process.argv[2] ?? TICKETS);
const calm = await throughput(tickets, { databaseUrl, redisUrl });
const hanging = await throughput(HANGING_TICKETS, { databaseUrl, redisUrl, hangsForS: TIMEOUT_S });
// With room for half as many at once nobody is short of processor time, and two processes wait for twice as many answers.
const one = await throughput(tickets / 4, { databaseUrl, redisUrl, concurrency: FEW });
const two = await throughput(tickets / 2, { databaseUrl, redisUrl, concurrency: FEW, processes: 2 });
const weights = Object.fromEntries(
  await Promise.all(
    ['itsm-grp', 'apache-jira'].map(async (set) => [`promptTokens ${set}`, await medianPromptTokens(set)] as const),
  ),
);
/** What a busy machine does not excuse; throughput is for people to read. */
const bounds = [
  ['decideP95MsWhenHanging', hanging.decideP95Ms, TIMEOUT_S * 1000 + 1_000],
  ...Object.entries(weights).map(([name, tokens]) => [name, tokens, MAX_PROMPT_TOKENS] as const),
] as const;
for (const [name, value, most] of bounds) {
  const holds = value <= most;
  process.stderr.write(`${holds ? '✔' : '✗'} ${name} ${value.toFixed(0)} (at most ${most})\n`);
  if (!holds) process.exitCode = 1;
}

report('model', {
  tickets,
  ticketsPerSecond: round(calm.perSecond),
  idealPerSecond: IDEAL_PER_SECOND,
  ratioToIdeal: round(calm.perSecond / IDEAL_PER_SECOND, 3),
  cpuMsPerTicket: round(calm.cpuMsPerTicket),
  answeredShare: round(calm.answered, 3),
  decideP95Ms: round(calm.decideP95Ms, 0),
  'ticketsPerSecond, 16 at once': round(one.perSecond),
  'the same with two processes': round(two.perSecond),
  ratioOfTwoToOne: round(two.perSecond / one.perSecond, 2),
  hangTimeoutMs: TIMEOUT_S * 1000,
  decideP95MsWhenHanging: round(hanging.decideP95Ms, 0),
  ...weights,
});
