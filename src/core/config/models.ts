/**
 * The networks' names, paper by paper: what the form offers and a config may ask for. What each name builds stands in
 * core/models/registry.ts; this list is apart from it so that a page can show names without loading the networks.
 */
export interface Paper {
  /** Heading in lists of networks. */
  title: string
  /** Where to read it; absent for networks of our own. */
  url?: string
  models: readonly string[]
}

export const PAPERS = [
  { title: 'Small networks, ours', models: ['mlp', 'cnn_small'] },
  {
    title: 'Wide ResNet (Zagoruyko & Komodakis 2016)',
    url: 'https://arxiv.org/abs/1605.07146',
    models: ['WideResnet_mini', 'WideResnet16x4', 'WideResnet28x10'],
  },
  {
    title: 'Shake-Shake (Gastaldi 2017)',
    url: 'https://arxiv.org/abs/1705.07485',
    models: ['WideResnet_ShakeShake_mini', 'WideResnet28x6_ShakeShake'],
  },
  {
    title: 'PyramidNet with ShakeDrop (Yamada et al. 2018)',
    url: 'https://arxiv.org/abs/1802.02375',
    models: ['Pyramid_ShakeDrop_mini', 'Pyramid_ShakeDrop'],
  },
  {
    title: 'ResNet (He et al. 2016)',
    url: 'https://arxiv.org/abs/1512.03385',
    models: ['Resnet50', 'Resnet101', 'Resnet152'],
  },
  {
    title: 'EfficientNet (Tan & Le 2019)',
    url: 'https://arxiv.org/abs/1905.11946',
    models: [
      'efficientnet-b0',
      'efficientnet-b1',
      'efficientnet-b2',
      'efficientnet-b3',
      'efficientnet-b4',
      'efficientnet-b5',
      'efficientnet-b6',
      'efficientnet-b7',
      'efficientnet-b8',
    ],
  },
  {
    title: 'EfficientNet-L2 (Xie et al. 2020)',
    url: 'https://arxiv.org/abs/1911.04252',
    models: ['efficientnet-l2', 'efficientnet-l2-475'],
  },
] as const satisfies readonly Paper[]

export type ModelName = (typeof PAPERS)[number]['models'][number]

export const MODELS: readonly ModelName[] = PAPERS.flatMap((paper): readonly ModelName[] => paper.models)

/** Whether a network has normalisation layers: all but mlp. */
export const hasNorms = (model: ModelName): boolean => model !== 'mlp'

/** The paper a network comes from. */
export function paperOf(model: ModelName): Paper {
  return PAPERS.find((paper) => (paper.models as readonly string[]).includes(model))!
}

/** Side of the images an EfficientNet was made for. Source: Tan & Le 2019; the reference's table. */
export const EFFICIENTNET_SIDES = {
  'efficientnet-b0': 224,
  'efficientnet-b1': 240,
  'efficientnet-b2': 260,
  'efficientnet-b3': 300,
  'efficientnet-b4': 380,
  'efficientnet-b5': 456,
  'efficientnet-b6': 528,
  'efficientnet-b7': 600,
  'efficientnet-b8': 672,
  'efficientnet-l2': 800,
  'efficientnet-l2-475': 475,
} as const
