import { report, round } from './report.ts';
import { measureFairness } from './routing/fairness.ts';
import { measureFeedback } from './routing/feedback.ts';
import { measureResolvers } from './routing/resolvers.ts';

const REPLICAS = 4;
const TICKETS = 10_000;
const EVENTS = 10_000;

/** Turns are fair, the right person is found, and corrections are kept up with. Needs the real tickets. */
const fairness = await measureFairness({ replicas: REPLICAS, tickets: TICKETS });
const following = await measureResolvers({ follows: true });
const frozen = await measureResolvers({ follows: false });
const feedback = await measureFeedback({ events: Number(process.argv[2] ?? EVENTS) });

/** What must hold; where it is not named "at least" it is "at most". */
const bounds = [
  { name: 'turns: most less fewest', value: fairness.spread, most: 1 },
  { name: 'right person first', value: following.first, least: 0.4 },
  { name: 'right person among three', value: following.amongThree, least: 0.55 },
  { name: 'right person first, history frozen', value: frozen.first, least: 0.4 },
  { name: 'right person among three, history frozen', value: frozen.amongThree, least: 0.55 },
  { name: 'seconds for 10,000 changes', value: (feedback.learntSeconds / feedback.events) * EVENTS, most: 60 },
];
for (const { name, value, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } of bounds) {
  const holds = value >= least && value <= most;
  const bound = Number.isFinite(least) ? `at least ${least}` : `at most ${most}`;
  process.stderr.write(`${holds ? '✔' : '✗'} ${name} ${round(value, 3)} (${bound})\n`);
  if (!holds) process.exitCode = 1;
}

function resolverFigures(name: string, quality: typeof following): Record<string, number | string> {
  const { first, amongThree, firstInterval, amongThreeInterval, busiestFirst, knownPerson } = quality;
  const between = ({ low, high }: typeof firstInterval) => `${round(low, 3)}–${round(high, 3)}`;
  return {
    [`${name} first`]: `${round(first, 3)} (${between(firstInterval)})`,
    [`${name} among 3`]: `${round(amongThree, 3)} (${between(amongThreeInterval)})`,
    [`${name} busiest first`]: round(busiestFirst, 3),
    [`${name} known person`]: round(knownPerson, 3),
  };
}

report('routing', {
  turnsOn: fairness.storage,
  turnTickets: fairness.tickets,
  turnSpread: fairness.spread,
  turnsPerSecond: round(fairness.ticketsPerSecond, 0),
  judgedTickets: following.tickets,
  ...resolverFigures('following', following),
  ...resolverFigures('frozen', frozen),
  feedbackEvents: feedback.events,
  feedbackSeconds: round(feedback.learntSeconds),
});
