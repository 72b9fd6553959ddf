/**
 * What is known of the data sets before any of their bytes is here: official archives with their sums, sizes, class
 * names, normalisation, terms. Mean and std are the reference's (goldens weak_cutout_mixup_preprocess.json and
 * imagenet_preprocess.json); sums and sizes are collected from published loaders.
 *
 * Differs: the reference names six fine-tuning sets it cannot load; they are normalised with ImageNet's values here.
 */

export interface KnownArchive {
  file: string
  /** Where they are known. */
  bytes?: number
  sha256?: string
  md5?: string
  /** A plain GET of it works from Node. */
  url?: string
}

export interface KnownDataset {
  name: string
  title: string
  /** Which files to take, in words. */
  files: string
  /** Where they are found. */
  home: string
  licence: string
  citation: string
  archives: readonly KnownArchive[]
  /** Per channel, in units of pixel/255. */
  mean: readonly number[]
  std: readonly number[]
  /** Official sizes, for the form before the set is here. */
  numTrain: number
  numTest: number
  numClasses: number
  classNames?: readonly string[]
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
const MNIST = { mean: [0.1307], std: [0.3081] }
const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit))

export const FASHION_CLASSES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
]

export const KNOWN_DATASETS: readonly KnownDataset[] = [
  {
    name: 'fashion_mnist',
    title: 'Fashion-MNIST',
    files: 'the four IDX files',
    home: 'https://github.com/zalandoresearch/fashion-mnist',
    licence: 'MIT, Copyright (c) 2017 Zalando SE, https://tech.zalando.com',
    citation: 'Xiao, Rasul, Vollgraf: Fashion-MNIST. arXiv:1708.07747, 2017.',
    // Of the unpacked files: copies of the .gz differ in their headers.
    archives: [
      {
        file: 'train-images-idx3-ubyte',
        bytes: 47_040_016,
        sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
      },
      {
        file: 'train-labels-idx1-ubyte',
        bytes: 60_008,
        sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
      },
      {
        file: 't10k-images-idx3-ubyte',
        bytes: 7_840_016,
        sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
      },
      {
        file: 't10k-labels-idx1-ubyte',
        bytes: 10_008,
        sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
      },
    ],
    ...MNIST,
    numTrain: 60_000,
    numTest: 10_000,
    numClasses: 10,
    classNames: FASHION_CLASSES,
  },
  {
    name: 'mnist',
    title: 'MNIST',
    files: 'the four IDX files',
    home: 'http://yann.lecun.com/exdb/mnist/',
    licence: 'none stated',
    citation:
      'LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998.',
    archives: [],
    ...MNIST,
    numTrain: 60_000,
    numTest: 10_000,
    numClasses: 10,
    classNames: DIGITS,
  },
  {
    name: 'cifar10',
    title: 'CIFAR-10',
    files: 'cifar-10-binary.tar.gz',
    home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
    licence: 'none stated; its authors ask to be cited',
    citation: 'Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009.',
    archives: [
      {
        file: 'cifar-10-binary.tar.gz',
        bytes: 170_052_171,
        sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
        md5: 'c32a1d4ab5d03f1284b67883e8d87530',
        url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
      },
    ],
    mean: [0.4913996756076813, 0.4821584224700928, 0.44653090834617615],
    std: [0.24703222513198853, 0.24348512291908264, 0.26158782839775085],
    numTrain: 50_000,
    numTest: 10_000,
    numClasses: 10,
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  },
  {
    name: 'cifar100',
    title: 'CIFAR-100',
    files: 'cifar-100-binary.tar.gz',
    home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
    licence: 'none stated; its authors ask to be cited',
    citation: 'Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009.',
    archives: [
      {
        file: 'cifar-100-binary.tar.gz',
        bytes: 168_513_733,
        sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
        md5: '03b5dce01913d631647c71ecec9e9cb8',
        url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
      },
    ],
    mean: [0.5070751309394836, 0.48654887080192566, 0.44091784954071045],
    std: [0.2673342823982239, 0.2564384639263153, 0.2761504650115967],
    numTrain: 50_000,
    numTest: 10_000,
    numClasses: 100,
  },
  {
    name: 'svhn',
    title: 'SVHN, cropped digits',
    files: 'train_32x32.mat, test_32x32.mat and, as the reference trains on it too, extra_32x32.mat',
    home: 'http://ufldl.stanford.edu/housenumbers/',
    licence: 'for non-commercial use only',
    citation: 'Netzer et al.: Reading Digits in Natural Images with Unsupervised Feature Learning, 2011.',
    archives: [
      {
        file: 'train_32x32.mat',
        bytes: 182_040_794,
        sha256: '435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8',
        url: 'http://ufldl.stanford.edu/housenumbers/train_32x32.mat',
      },
      {
        file: 'test_32x32.mat',
        bytes: 64_275_384,
        sha256: 'cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b',
        url: 'http://ufldl.stanford.edu/housenumbers/test_32x32.mat',
      },
      {
        file: 'extra_32x32.mat',
        bytes: 1_329_278_602,
        sha256: 'a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3',
        url: 'http://ufldl.stanford.edu/housenumbers/extra_32x32.mat',
      },
    ],
    mean: [0.430909663438797, 0.4302428066730499, 0.4463435709476471],
    std: [0.19759191572666168, 0.20029081404209137, 0.19811132550239563],
    numTrain: 604_388,
    numTest: 26_032,
    numClasses: 10,
    classNames: DIGITS,
  },
  {
    name: 'imagenet',
    title: 'ImageNet (ILSVRC 2012)',
    files:
      'ILSVRC2012_img_train.tar, ILSVRC2012_img_val.tar and the devkit, or folders train/<wnid>, val/<wnid>',
    home: 'https://image-net.org/download',
    licence: 'for non-commercial research, after registration; it must not be passed on',
    citation: 'Russakovsky et al.: ImageNet Large Scale Visual Recognition Challenge, 2015.',
    archives: [
      { file: 'ILSVRC2012_img_train.tar', md5: '1d675b47d978889d74fa0da5fadfb00e' },
      { file: 'ILSVRC2012_img_val.tar', md5: '29b22e2961454d5413ddabcf34fc5622' },
      { file: 'ILSVRC2012_devkit_t12.tar.gz', md5: 'fa75699e90414af021442c21a62c3abf' },
    ],
    ...IMAGENET,
    numTrain: 1_281_167,
    numTest: 50_000,
    numClasses: 1000,
  },
  {
    name: 'Flowers',
    title: 'Oxford 102 Flowers',
    files: '102flowers.tgz, imagelabels.mat and setid.mat',
    home: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/',
    licence: 'none stated',
    citation: 'Nilsback, Zisserman: Automated Flower Classification over a Large Number of Classes, 2008.',
    archives: [
      { file: '102flowers.tgz', md5: '52808999861908f626f3c1f4e79d11fa' },
      { file: 'imagelabels.mat', md5: 'e0620be6f572b9609742df49c70aed4d' },
      { file: 'setid.mat', md5: 'a5357ecc9cb78c4bef273ce3793fc85c' },
    ],
    ...IMAGENET,
    numTrain: 2040,
    numTest: 6149,
    numClasses: 102,
  },
  {
    name: 'Oxford_IIIT_Pets',
    title: 'Oxford-IIIT Pets',
    files: 'images.tar.gz and annotations.tar.gz',
    home: 'https://www.robots.ox.ac.uk/~vgg/data/pets/',
    licence: 'CC BY-SA 4.0',
    citation: 'Parkhi, Vedaldi, Zisserman, Jawahar: Cats and Dogs, 2012.',
    archives: [
      { file: 'images.tar.gz', md5: '5c4f3ee8e5d25df40f4fd59a7f44e54c' },
      { file: 'annotations.tar.gz', md5: '95a8c909bbe2e81eed6a22bccdf3f68f' },
    ],
    ...IMAGENET,
    numTrain: 3680,
    numTest: 3669,
    numClasses: 37,
  },
  {
    name: 'FGVC_Aircraft',
    title: 'FGVC-Aircraft',
    files: 'fgvc-aircraft-2013b.tar.gz',
    home: 'https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/',
    licence: 'for non-commercial research',
    citation: 'Maji et al.: Fine-Grained Visual Classification of Aircraft. arXiv:1306.5151, 2013.',
    archives: [{ file: 'fgvc-aircraft-2013b.tar.gz' }],
    ...IMAGENET,
    numTrain: 6667,
    numTest: 3333,
    numClasses: 100,
  },
  {
    name: 'Food_101',
    title: 'Food-101',
    files: 'food-101.tar.gz',
    home: 'https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/',
    licence: 'for research; the images belong to their authors',
    citation: 'Bossard, Guillaumin, Van Gool: Food-101, 2014.',
    archives: [
      {
        file: 'food-101.tar.gz',
        sha256: 'd97d15e438b7f4498f96086a4f7e2fa42a32f2712e87d3295441b2b6314053a4',
        md5: '85eeb15f3717b99a5da872d97d918f87',
      },
    ],
    ...IMAGENET,
    numTrain: 75_750,
    numTest: 25_250,
    numClasses: 101,
  },
  {
    name: 'Stanford_Cars',
    title: 'Stanford Cars',
    files: 'folders cars_train and cars_test with the devkit, or train/<class> and test/<class>',
    home: 'copies only: the original host is gone',
    licence: 'for research',
    citation:
      'Krause, Stark, Deng, Fei-Fei: 3D Object Representations for Fine-Grained Categorization, 2013.',
    archives: [],
    ...IMAGENET,
    numTrain: 8144,
    numTest: 8041,
    numClasses: 196,
  },
  {
    name: 'Birdsnap',
    title: 'Birdsnap',
    files: 'a folder of class folders',
    home: 'https://thomasberg.org/',
    licence: 'for research; the images belong to their authors',
    citation: 'Berg et al.: Birdsnap: Large-scale Fine-grained Visual Categorization of Birds, 2014.',
    archives: [],
    ...IMAGENET,
    numTrain: 47_386,
    numTest: 2443,
    numClasses: 500,
  },
]

export function knownDataset(name: string): KnownDataset | undefined {
  return KNOWN_DATASETS.find((known) => known.name === name)
}
