/** Sweeps ask by issue id what is known of an issue; deliveries had an index by key alone. */
export const sweep = {
  name: 'what is known of an issue',
  sql: 'create index deliveries_issue_id on triage.deliveries (issue_id);',
};
