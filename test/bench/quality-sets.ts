import type { Source, SplitOptions } from '../../src/evaluation/dataset.ts';

/** A real set, how it is split, and what must be reached on it. */
export interface QualitySet {
  readonly name: string;
  readonly target: string;
  readonly source: Omit<Source, 'target'>;
  readonly parts: SplitOptions;
  readonly prepare?: (row: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** Accuracy of the best guess: the least, and what is aimed at. */
  readonly floor: number;
  readonly reach: number;
  readonly selective: readonly {
    readonly at: number;
    readonly precision: number;
    readonly coverage: number;
    readonly outOfScope?: number;
  }[];
  readonly auroc?: number;
}

const SHARES = [70, 10, 20] as const;

export const QUALITY_SETS: readonly QualitySet[] = [
  {
    name: 'itsm-grp',
    target: 'y_team',
    source: { order: 'file', features: { reporter: 'caller' } },
    parts: { order: 'file', shares: SHARES },
    floor: 0.725,
    reach: 0.745,
    selective: [
      { at: 0.95, precision: 0.93, coverage: 0.38 },
      { at: 0.9, precision: 0.88, coverage: 0.5 },
    ],
  },
  {
    name: 'apache-jira',
    target: 'y_component',
    source: { order: 'created', features: {} },
    parts: { order: 'created', shares: SHARES, isPerProject: true, minClass: 20 },
    // A component belongs to its project.
    prepare: (row) => (row['y_component'] ? { ...row, y_component: `${row['project']}/${row['y_component']}` } : row),
    floor: 0.615,
    reach: 0.64,
    selective: [],
  },
  {
    name: 'corefx-area',
    target: 'y_area',
    source: { order: 'file', features: {} },
    parts: { order: 'file', shares: SHARES },
    floor: 0.7,
    reach: 0.725,
    selective: [],
  },
  {
    name: 'banking77',
    target: 'y_intent',
    source: { order: 'file', features: {} },
    parts: { order: 'file', shares: SHARES, isOfficial: true },
    floor: 0.905,
    reach: 0.925,
    selective: [{ at: 0.95, precision: 0.94, coverage: 0.85 }],
  },
  {
    name: 'clinc150',
    target: 'y_intent',
    source: { order: 'file', features: {} },
    parts: { order: 'file', shares: SHARES, isOfficial: true, unknown: 'oos' },
    floor: 0.93,
    reach: 0.945,
    selective: [{ at: 0.95, precision: 0.94, coverage: 0.85, outOfScope: 0.11 }],
    auroc: 0.94,
  },
];
