/** Something wrong at one place of `config/`. */
export interface Fault {
  /** Inside the folder, for example `teams.yaml`. */
  readonly file: string;
  /** Of keys and indices, down to what is wrong. */
  readonly path: readonly (string | number)[];
  /** In words for people, with what to do where that is not plain. */
  readonly why: string;
}
