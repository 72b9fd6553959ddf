/** What the reference knows of ImageNet. Source: sam_jax/datasets/dataset_source_imagenet.py; the means are in units of pixel/255. */

export const IMAGENET_NORMALISATION = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const
