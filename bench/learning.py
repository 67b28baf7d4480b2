"""Does training learn what PyTorch learns? scikit-learn's digits (they ship inside the package), long-tailed, the small network,
one recipe, both sides: python bench/learning.py data DIR; python bench/learning.py torch DIR; python bench/learning.py table DIR RUNS

Training pictures fall from 120 of "0" to 10 of "9"; test pictures are balanced, 40 a class. Between `data` and `table`, with the
same recipe:
  gradcam train --dataset imagefolder --data DIR/data --loss ce,focal,ldam,lmf --seeds 3 --size 32 --epochs 12 --batch 32 --lr 0.002
    --weight-decay 0.02 --warmup 1 --augment none --save last --gamma 1.5 --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5 --out RUNS
"""
import json
import math
import pathlib
import sys

import numpy as np

LOSSES, SEEDS, EPOCHS, BATCH, LR = ("ce", "focal", "ldam", "lmf"), 3, 12, 32, 2e-3
what, folder = sys.argv[1], pathlib.Path(sys.argv[2])


def data():
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    for label in range(10):
        rows = [i for i in order if digits.target[i] == label]
        train = round(120 * (10 / 120) ** (label / 9))
        for split, part in (("test", rows[:40]), ("val", rows[40:50]), ("train", rows[50:50 + train])):
            target = folder / "data" / split / str(label)
            target.mkdir(parents=True, exist_ok=True)
            for i in part:
                picture = Image.fromarray((digits.images[i] / 16 * 255).astype(np.uint8)).resize((32, 32), Image.BILINEAR)
                picture.convert("RGB").save(target / f"{i}.png")


def load(split):
    from PIL import Image

    files = sorted((folder / "data" / split).glob("*/*.png"))
    x = np.stack([np.asarray(Image.open(f), np.float32) for f in files]).transpose(0, 3, 1, 2) / 255
    return (x - 0.5) / 0.5, np.array([int(f.parent.name) for f in files])


def macro_f1(truth, predicted):
    from sklearn.metrics import f1_score

    return float(f1_score(truth, predicted, average="macro", zero_division=0))


def torch_runs():
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "test/fixtures/make/demo"))
    import torch
    import torch.nn.functional as F
    from model import HEAD, SmallNet

    (x, y), (xt, yt) = load("train"), load("test")
    x, y, xt = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(xt)
    margins = torch.from_numpy(np.bincount(y) ** -0.25).float()
    margins *= 0.5 / margins.max()
    focal = lambda z, t: ((1 - torch.exp(-F.cross_entropy(z, t, reduction="none"))).clamp_min(1e-8) ** 1.5 * F.cross_entropy(z, t, reduction="none")).mean()
    ldam = lambda z, t: F.cross_entropy(30 * (z - F.one_hot(t, 10) * margins), t)
    cost = dict(ce=F.cross_entropy, focal=focal, ldam=ldam, lmf=lambda z, t: ldam(z, t) + focal(30 * z, t))
    result = {}
    for loss in LOSSES:
        for seed in range(SEEDS):
            torch.manual_seed(seed)
            net = SmallNet(10, HEAD[loss])
            decayed = [p for p in net.parameters() if p.ndim > 1]
            plain = [p for p in net.parameters() if p.ndim <= 1]
            optimizer = torch.optim.AdamW([dict(params=decayed, weight_decay=0.02), dict(params=plain, weight_decay=0.0)], lr=LR)
            steps = len(x) // BATCH
            total = steps * EPOCHS
            rate = lambda i: (i + 1) / steps if i < steps else 0.5 * (1 + math.cos(math.pi * (i - steps) / (total - steps)))
            schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
            net.train()
            for _ in range(EPOCHS):
                order = torch.randperm(len(x))
                for i in range(steps):
                    rows = order[i * BATCH:(i + 1) * BATCH]
                    value = cost[loss](net(x[rows]), y[rows])
                    optimizer.zero_grad()
                    value.backward()
                    optimizer.step()
                    schedule.step()
            net.eval()
            with torch.no_grad():
                result[f"{loss}-s{seed}"] = macro_f1(yt, net(xt).argmax(1).numpy())
            print(loss, seed, result[f"{loss}-s{seed}"], flush=True)
    (folder / "torch.json").write_text(json.dumps(result))


def table():
    runs = pathlib.Path(sys.argv[3])
    other = json.loads((folder / "torch.json").read_text())
    print("| loss | gradcam | PyTorch | difference of means | deviation over seeds, pooled |\n| --- | --- | --- | --- | --- |")
    for loss in LOSSES:
        ours = [json.loads((run / "run.json").read_text())["metrics"]["macroF1"] for run in sorted(runs.glob(f"{loss}-s*"))]
        theirs = [other[f"{loss}-s{seed}"] for seed in range(SEEDS)]
        pooled = math.sqrt((np.var(ours, ddof=1) + np.var(theirs, ddof=1)) / 2)
        text = lambda values: f"{np.mean(values):.3f} ({', '.join(f'{v:.3f}' for v in values)})"
        print(f"| {loss} | {text(ours)} | {text(theirs)} | {np.mean(ours) - np.mean(theirs):+.3f} | {pooled:.3f} |")


dict(data=data, torch=torch_runs, table=table)[what]()
