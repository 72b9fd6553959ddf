/** The contract between page and data worker, and what both know of data sets beforehand. */
export { KNOWN_DATASETS, type KnownDataset, knownDataset } from '../core/data/catalog'
