"""PyTorch on one CPU thread: the same networks, first weights and batch, answering JSON lines on stdin.

Started by the bench with the Python named in BENCH_TORCH_PYTHON; speaks the protocol of contestants/protocol.ts.
"""

import json
import sys
import time
import urllib.request

import numpy
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
MEAN, STD = 0.5, 0.25


def fetch(address):
    with urllib.request.urlopen(address) as response:
        return response.read()


class Job:
    def __init__(self, head, payload, rho):
        self.head, self.rho, self.hyper = head, rho, head["hyper"]
        theta = numpy.frombuffer(payload, dtype="<f4", count=head["parameters"])
        pixels = numpy.frombuffer(payload, dtype="u1", offset=4 * head["parameters"])
        height, width, channels = head["shape"]
        count = head["batch"] * height * width * channels
        images = torch.tensor(pixels[:count].copy()).reshape(head["batch"], height, width, channels)
        self.images = images.permute(0, 3, 1, 2).contiguous()
        self.labels = torch.tensor(pixels[count:].copy()).long()
        self.weights = {}
        for entry in head["entries"]:
            values = torch.tensor(theta[entry["offset"] : entry["offset"] + entry["size"]].copy())
            values = values.reshape(entry["shape"])
            if values.dim() == 4:  # HWIO to OIHW
                values = values.permute(3, 2, 0, 1).contiguous()
            elif values.dim() == 2:  # [in, out] to [out, in]
                values = values.t().contiguous()
            self.weights[entry["name"]] = values.requires_grad_()
        self.parameters = list(self.weights.values())
        self.optimizer = torch.optim.SGD(
            self.parameters, lr=self.hyper["learningRate"], momentum=self.hyper["momentum"], nesterov=True
        )

    def norm(self, path, x):
        w = self.weights
        return F.relu(F.batch_norm(x, None, None, w[path + "/scale"], w[path + "/bias"], True, 0.1, 1e-5))

    def conv(self, path, x, stride=1):
        """Same padding, the odd pixel at the end."""
        if stride > 1:
            x = F.pad(x, (0, 1, 0, 1))
        return F.conv2d(x, self.weights[path + "/kernel"], stride=stride, padding=0 if stride > 1 else 1)

    def dense(self, path, x):
        return F.linear(x, self.weights[path + "/kernel"], self.weights[path + "/bias"])

    def layers(self, prefix):
        names = {name.split("/")[0] for name in self.weights if name.startswith(prefix)}
        return sorted(names, key=lambda name: int(name.split("_")[1]))

    def forward(self, x):
        model = self.head["model"]
        if model == "mlp":
            x = x.permute(0, 2, 3, 1).flatten(1)
            *hidden, last = self.layers("Dense")
            for path in hidden:
                x = F.relu(self.dense(path, x))
            return self.dense(last, x)
        if model == "cnn_small":
            for conv, norm in zip(self.layers("Conv"), self.layers("BatchNorm")):
                x = F.max_pool2d(self.norm(norm, self.conv(conv, x)), 2)
            hidden, last = self.layers("Dense")
            return self.dense(last, F.relu(self.dense(hidden, x.permute(0, 2, 3, 1).flatten(1))))
        x = self.conv("init_conv", x)
        for group in range(3):
            for block in range(self.head["blocksPerGroup"]):
                path = f"WideResnetGroup_{group}/WideResnetBlock_{block}"
                stride = 2 if group > 0 and block == 0 else 1
                activated = self.norm(path + "/init_bn", x)
                y = self.conv(path + "/conv1", activated, stride)
                y = self.conv(path + "/conv2", self.norm(path + "/bn_2", y))
                shortcut = activated if group == 0 and block == 0 else x
                if stride > 1:
                    shortcut = F.avg_pool2d(shortcut, stride)
                missing = y.shape[1] - shortcut.shape[1]
                x = y + F.pad(shortcut, (0, 0, 0, 0, 0, missing))
        return self.dense("Dense_3", self.norm("pre-pool-bn", x).mean((2, 3)))

    def gradient(self, x):
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.forward(x), self.labels)
        loss.backward()
        with torch.no_grad():
            torch._foreach_add_([p.grad for p in self.parameters], self.parameters, alpha=self.hyper["weightDecay"])
        return loss

    def step(self):
        x = (self.images.float() / 255 - MEAN) / STD
        loss = self.gradient(x)
        if self.rho > 0:
            with torch.no_grad():
                gradients = [p.grad.clone() for p in self.parameters]
                norm = torch.sqrt(sum((g * g).sum() for g in gradients))
                torch._foreach_mul_(gradients, float(self.rho / norm))
                torch._foreach_add_(self.parameters, gradients)
            self.gradient(x)
            with torch.no_grad():
                torch._foreach_sub_(self.parameters, gradients)
        torch.nn.utils.clip_grad_norm_(self.parameters, self.hyper["clip"])
        self.optimizer.step()
        return loss

    def steps(self, n):
        for _ in range(n):
            loss = self.step()
        return float(loss)


def products(workload, seconds):
    """Hessian-vector products by double backward and gradients of the same batch, in turn."""
    job = Job(json.loads(fetch(workload + ".json")), fetch(workload + ".bin"), 0)
    x = (job.images.float() / 255 - MEAN) / STD
    direction = [torch.randn_like(p) for p in job.parameters]

    def gradient(graph=False):
        loss = F.cross_entropy(job.forward(x), job.labels)
        return torch.autograd.grad(loss, job.parameters, create_graph=graph)

    def product():
        along = sum((g * v).sum() for g, v in zip(gradient(True), direction))
        return torch.autograd.grad(along, job.parameters)

    times = {"product": [], "gradient": []}
    for work in (product, gradient):
        work()
    end = time.perf_counter() + seconds / 2
    while len(times["product"]) < 3 or (time.perf_counter() < end and len(times["product"]) < 200):
        for name, work in (("product", product), ("gradient", gradient)):
            started = time.perf_counter()
            work()
            times[name].append((time.perf_counter() - started) * 1000)
    return times


jobs = {}


def build(job):
    head = json.loads(fetch(job["workload"] + ".json"))
    payload = fetch(job["workload"] + ".bin")
    started = time.perf_counter()
    made = Job(head, payload, job["rho"])
    loss = made.steps(1)
    first = (time.perf_counter() - started) * 1000
    jobs[job["id"]] = made
    made.steps(1)
    return {"firstStepMs": first, "loss": loss}


def run(identity, minimum):
    started = time.perf_counter()
    steps = 0
    while (time.perf_counter() - started) * 1000 < minimum:
        jobs[identity].steps(1)
        steps += 1
    return {"steps": steps, "ms": (time.perf_counter() - started) * 1000}


METHODS = {
    "open": lambda: f"PyTorch {torch.__version__}, one thread",
    "build": build,
    "run": run,
    "products": products,
    "facts": lambda identity: {},
    "drop": lambda identity: jobs.pop(identity, None) and None,
}

for line in sys.stdin:
    call = json.loads(line)
    try:
        reply = {"id": call["id"], "value": METHODS[call["method"]](*call["args"])}
    except Exception as error:  # the bench prints it in the peer's place
        reply = {"id": call["id"], "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
