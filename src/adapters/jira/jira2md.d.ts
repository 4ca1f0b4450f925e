declare module 'jira2md' {
  const jira2md: { to_markdown(wiki: string): string };
  export default jira2md;
}
