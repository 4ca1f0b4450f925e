/** Jira's own limit on account ids. */
const MAX_ACCOUNT_ID = 128;

/** Whether it can be somebody's account id. Jira reads `-1` as the project's default assignee, and nothing as nobody. */
export function canBeAccount(accountId: string): boolean {
  return accountId !== '' && accountId !== '-1' && accountId.length <= MAX_ACCOUNT_ID;
}
