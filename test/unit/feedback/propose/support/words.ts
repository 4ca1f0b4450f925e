/** Words that make tickets different from each other. */
export const RULE_WORDS = [
  'apples bananas cherries dates elderberries',
  'figs grapes huckleberries iceberg jackfruit',
  'kiwis lemons mangoes nectarines oranges',
  'papayas quinces raspberries strawberries tangerines',
  'ugli vanilla watermelon ximenia yams',
  'zucchini almonds brazil cashews dill',
  'endive fennel garlic hazelnut ivory',
];
