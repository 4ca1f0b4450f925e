declare module 'jira2md' {
  const jira2md: { to_markdown(wiki: string): string };
  // biome-ignore lint/style/noDefaultExport: what the package exports
  export default jira2md;
}
