/** Jobs out of attempts, until a person says what to do with them. */
export const deadLetters = {
  name: 'dead letters',
  sql: `
    create table triage.dead_letters (
      id text primary key,
      queue text not null,
      payload jsonb not null,
      error text not null,
      history jsonb not null,
      attempts integer not null,
      buried_at timestamptz not null
    );
    create index dead_letters_newest on triage.dead_letters (buried_at desc, id);`,
};
