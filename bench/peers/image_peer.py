"""Pillow and torchvision on one thread: the same images, policy table and sizes, answering JSON lines on stdin.

Started by the bench with the Python named in BENCH_TORCH_PYTHON and one argument: torchvision or pillow. Images are
prepared one by one, as a data loader's worker does it, and end as a normalised float32 array.
"""

import io
import json
import random
import sys
import time

import numpy
from PIL import Image, ImageEnhance, ImageOps

MEAN = numpy.array([0.4914, 0.4822, 0.4465], numpy.float32)
STD = numpy.array([0.2470, 0.2435, 0.2616], numpy.float32)
WHICH = sys.argv[1]
GREY = (128, 128, 128)

if WHICH == "torchvision":
    import torch
    from torchvision import transforms
    from torchvision.transforms import functional

    torch.set_num_threads(1)


def affine(image, *matrix):
    return image.transform(image.size, Image.AFFINE, matrix, fillcolor=GREY)


def solarize_add(image, value):
    return image.point([min(255, x + value) if x < 128 else x for x in range(256)] * 3)


def signed(value):
    return value if random.random() < 0.5 else -value


def cut(image, half):
    x, y = random.randrange(image.width), random.randrange(image.height)
    image = image.copy()
    image.paste(GREY, (max(0, x - half), max(0, y - half), x + half, y + half))
    return image


OPS = {
    "AutoContrast": lambda image, s: ImageOps.autocontrast(image),
    "Equalize": lambda image, s: ImageOps.equalize(image),
    "Invert": lambda image, s: ImageOps.invert(image),
    "Rotate": lambda image, s: image.rotate(signed(30 * s), fillcolor=GREY),
    "Posterize": lambda image, s: ImageOps.posterize(image, max(1, int(4 * s))),
    "Solarize": lambda image, s: ImageOps.solarize(image, int(256 * s)),
    "SolarizeAdd": lambda image, s: solarize_add(image, int(110 * s)),
    "Color": lambda image, s: ImageEnhance.Color(image).enhance(0.1 + 1.8 * s),
    "Contrast": lambda image, s: ImageEnhance.Contrast(image).enhance(0.1 + 1.8 * s),
    "Brightness": lambda image, s: ImageEnhance.Brightness(image).enhance(0.1 + 1.8 * s),
    "Sharpness": lambda image, s: ImageEnhance.Sharpness(image).enhance(0.1 + 1.8 * s),
    "ShearX": lambda image, s: affine(image, 1, signed(0.3 * s), 0, 0, 1, 0),
    "ShearY": lambda image, s: affine(image, 1, 0, 0, signed(0.3 * s), 1, 0),
    "TranslateX": lambda image, s: affine(image, 1, 0, signed(10 * s), 0, 1, 0),
    "TranslateY": lambda image, s: affine(image, 1, 0, 0, 0, 1, signed(10 * s)),
    "Cutout": lambda image, s: cut(image, int(10 * s)),
}


def policy_of(path):
    with open(path) as file:
        table = json.load(file)

    def apply(image):
        for name, probability, level in random.choice(table):
            if random.random() < probability:
                image = OPS[name](image, level / 10)
        return image

    return apply


def randaugment(image):
    for _ in range(2):
        image = OPS[random.choice(list(OPS))](image, 0.9)
    return image


def basic(image):
    if random.random() < 0.5:
        image = ImageOps.mirror(image)
    padded = numpy.pad(numpy.asarray(image), ((4, 4), (4, 4), (0, 0)), mode="reflect")
    top, left = random.randrange(9), random.randrange(9)
    return Image.fromarray(padded[top : top + image.height, left : left + image.width])


def normalised(image):
    return (numpy.asarray(image, numpy.float32) / 255 - MEAN) / STD


class Job:
    def __init__(self, case):
        side = case["side"]
        rng = numpy.random.default_rng(0)
        pixels = rng.integers(0, 256, (64, side, side, 3), dtype=numpy.uint8)
        self.images = [Image.fromarray(image) for image in pixels]
        self.file = case.get("file")
        self.prepare = getattr(self, WHICH)(case)

    def pillow(self, case):
        name = case["augmentation"]
        if self.file:
            with open(self.file, "rb") as file:
                data = file.read()
            size = (case["side"], case["side"])
            return lambda _: numpy.asarray(
                ImageOps.fit(Image.open(io.BytesIO(data)).convert("RGB"), size, Image.BOX)
            )
        policy = policy_of(case["policy"])
        steps = {
            "none": lambda image: image,
            "basic": basic,
            "autoaugment": lambda image: basic(policy(image)),
            "randaugment": randaugment,
            "resize": lambda image: image.resize((64, 64), Image.BICUBIC),
        }
        step = steps[name]
        return lambda image: normalised(step(image))

    def torchvision(self, case):
        name = case["augmentation"]
        if self.file:
            from torchvision.io import decode_image, read_file

            data = read_file(self.file)
            return lambda _: functional.resize(decode_image(data), [case["side"]] * 2)
        crop = [transforms.RandomHorizontalFlip(), transforms.RandomCrop(32, padding=4, padding_mode="reflect")]
        cifar = transforms.AutoAugmentPolicy.CIFAR10
        steps = {
            "none": [],
            "basic": crop,
            "autoaugment": [transforms.AutoAugment(cifar, fill=GREY), *crop],
            "randaugment": [transforms.RandAugment(2, 9, fill=GREY)],
            "resize": [transforms.Resize((64, 64), functional.InterpolationMode.BICUBIC)],
        }
        end = [transforms.ToTensor(), transforms.Normalize(MEAN.tolist(), STD.tolist())]
        return transforms.Compose([*steps[name], *end])

    def run(self, minimum):
        started = time.perf_counter()
        count = 0
        while (time.perf_counter() - started) * 1000 < minimum:
            for image in self.images[:16]:
                self.prepare(image)
            count += 16
        return {"steps": count, "ms": (time.perf_counter() - started) * 1000}


jobs = {}


def build(case):
    jobs[case["id"]] = Job(case)
    jobs[case["id"]].run(20)


def version():
    if WHICH == "torchvision":
        import torchvision

        return f"torchvision {torchvision.__version__}"
    return f"Pillow {Image.__version__}"


METHODS = {
    "open": version,
    "build": build,
    "run": lambda identity, minimum: jobs[identity].run(minimum),
    "drop": lambda identity: jobs.pop(identity, None) and None,
}

for line in sys.stdin:
    call = json.loads(line)
    try:
        reply = {"id": call["id"], "value": METHODS[call["method"]](*call["args"])}
    except Exception as error:  # the bench prints it in the peer's place
        reply = {"id": call["id"], "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
