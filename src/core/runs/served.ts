/** How a folder of runs is served beside the page: `npm start -- --runs DIR` answers so, the page asks so. */
export const SERVED_RUNS = {
  /** Name of the page's meta element that says where; absent where no runs are served. */
  meta: 'basin-runs',
  /** Below the page's address. */
  folder: 'runs/',
  /** Below `folder`: JSON, sizes in bytes of the runs' files by their keys. */
  list: 'files.json',
  /** Below `folder`: the files themselves. */
  files: 'files/',
} as const
