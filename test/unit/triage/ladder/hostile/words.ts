import { TEAM_FIELD } from '../../../../support/fixtures.ts';

/** The vocabulary of all made-up desks, small enough for things to meet. */
export const VALUES = ['access', 'email', 'erp', 'network', 'security', 'vpn'];
/** So many more that not all allowed values are offered. */
export const FILLERS = Array.from({ length: 14 }, (_, index) => `filler-${index}`);
export const PRIORITIES = ['Highest', 'High', 'Medium', 'Low'];
export const TEAMS = ['Front', 'Back', 'Guards'];
export const PEOPLE = TEAMS.map((team) => `${team}-member`);
/** Targets that past tickets may decide. */
export const DECIDED = ['category', 'priority', 'component', 'impact', 'remark', 'team', 'assignee'];
export const FIELDS = { impact: 'customfield_10051', remark: 'customfield_10052', team: TEAM_FIELD } as const;
