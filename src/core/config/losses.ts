/**
 * What is averaged over the images of a batch.
 * - cross_entropy: −Σ y·log softmax(f)
 * - mse: ½·Σ (f − y)², the sum over classes, as in Cohen et al. 2021
 */
export const LOSSES = ['cross_entropy', 'mse'] as const
export type LossName = (typeof LOSSES)[number]
