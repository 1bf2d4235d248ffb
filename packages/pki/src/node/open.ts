import type { Cluster, ClusterNames, ClusterOptions } from './cluster.ts';

/** First start: makes a lab cluster in mixed mode. Finishes nothing halfway: until it is whole, it does not exist. */
export declare function createLabCluster(
  directory: string,
  names: ClusterNames,
  now: number,
  options?: ClusterOptions,
): Promise<Cluster>;

/** Opens the cluster of a folder, or returns undefined when none was ever made there. */
export declare function openCluster(directory: string, options?: ClusterOptions): Promise<Cluster | undefined>;
