"""Does training learn what PyTorch learns? The small network, one recipe, both sides, on two sets: scikit-learn's digits (they
ship inside the package) made long-tailed, and the synthetic demo set at 64 x 64. Macro-F1 of the balanced test pictures.

  python bench/learning.py draw-digits DIGITS                      # training pictures fall from 120 of "0" to 10 of "9"
  python bench/learning.py torch SET DATA RESULT.json              # SET: digits, demo
  python bench/learning.py table SET RESULT.json RUNS              # markdown

Ours, with the same recipes:
  gradcam train --dataset imagefolder --data DIGITS --loss ce,focal,ldam,lmf --seeds 6 --size 32 --epochs 12 --batch 32 --lr 0.002
    --weight-decay 0.02 --warmup 1 --augment none --save last --gamma 1.5 --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5 --out RUNS
  gradcam train --dataset demo --data DEMO --demo-size 64 --size 64 --recipe demo --epochs 9 --loss ce,focal,ldam,lmf --seeds 5 --out RUNS

The recipe of the demo set is that of test/fixtures/make/demo/recipe.py, whose losses and augmentation are used here. Both sides
see the last, smaller batch of an epoch. Weights, order and augmentation are random on each side.
"""
import json
import math
import pathlib
import sys

import numpy as np

LOSSES = ("ce", "focal", "ldam", "lmf")
RECIPES = dict(
    digits=dict(seeds=6, classes=10, epochs=12, batch=32, mean=[0.5] * 3, std=[0.5] * 3, augmented=False),
    demo=dict(seeds=5, classes=7, epochs=9, batch=64, mean=[0.68, 0.51, 0.43], std=[0.2, 0.18, 0.17], augmented=True),
)
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 0.02


def draw_digits(folder):
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    for label in range(10):
        rows = [i for i in order if digits.target[i] == label]
        train = round(120 * (10 / 120) ** (label / 9))
        for split, part in (("test", rows[:40]), ("val", rows[40:50]), ("train", rows[50:50 + train])):
            target = pathlib.Path(folder) / split / str(label)
            target.mkdir(parents=True, exist_ok=True)
            for i in part:
                picture = Image.fromarray((digits.images[i] / 16 * 255).astype(np.uint8)).resize((32, 32), Image.BILINEAR)
                picture.convert("RGB").save(target / f"{i}.png")


def load(folder, recipe):
    """Pictures [n, 3, height, width], normalised, and their classes, the folders in order of their names."""
    from PIL import Image

    labels = sorted(each.name for each in pathlib.Path(folder).iterdir() if each.is_dir())
    files = sorted(each for each in pathlib.Path(folder).glob("*/*") if each.suffix in (".png", ".jpg"))
    x = np.stack([np.asarray(Image.open(file).convert("RGB"), np.float32) for file in files]) / 255
    x = (x - np.array(recipe["mean"], np.float32)) / np.array(recipe["std"], np.float32)
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)), np.array([labels.index(file.parent.name) for file in files])


def macro_f1(truth, predicted):
    from sklearn.metrics import f1_score

    return float(f1_score(truth, predicted, average="macro", zero_division=0))


def torch_runs(name, data, result):
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "test/fixtures/make/demo"))
    import torch
    from model import HEAD, SmallNet
    from recipe import augment, loss_of, margins

    recipe = RECIPES[name]
    (x, y), (xt, yt) = (load(pathlib.Path(data) / split, recipe) for split in ("train", "test"))
    x, y, xt = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(xt)
    margin = margins(np.bincount(y, minlength=recipe["classes"]))
    scores = json.loads(pathlib.Path(result).read_text()) if pathlib.Path(result).exists() else {}
    for seed in range(recipe["seeds"]):
        for loss in LOSSES:
            if f"{loss}-s{seed}" in scores:
                continue
            torch.manual_seed(seed)
            generator = torch.Generator().manual_seed(seed + 1)
            net = SmallNet(recipe["classes"], HEAD[loss])
            decayed = [p for p in net.parameters() if p.ndim > 1]
            plain = [p for p in net.parameters() if p.ndim <= 1]
            groups = [dict(params=decayed, weight_decay=WEIGHT_DECAY), dict(params=plain, weight_decay=0.0)]
            optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE)
            steps = math.ceil(len(x) / recipe["batch"])
            total = steps * recipe["epochs"]
            rate = lambda i: (i + 1) / steps if i < steps else 0.5 * (1 + math.cos(math.pi * (i - steps) / (total - steps)))
            schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
            net.train()
            for _ in range(recipe["epochs"]):
                for rows in torch.randperm(len(x), generator=generator).split(recipe["batch"]):
                    pictures = augment(x[rows], generator) if recipe["augmented"] else x[rows]
                    value = loss_of(loss, net(pictures), y[rows], margin)
                    optimizer.zero_grad()
                    value.backward()
                    optimizer.step()
                    schedule.step()
            net.eval()
            with torch.no_grad():
                scores[f"{loss}-s{seed}"] = macro_f1(yt, torch.cat([net(part) for part in xt.split(64)]).argmax(1).numpy())
            print(loss, seed, scores[f"{loss}-s{seed}"], flush=True)
            pathlib.Path(result).write_text(json.dumps(scores))


def table(name, result, runs):
    other = json.loads(pathlib.Path(result).read_text())
    print("| loss | gradcam | PyTorch | difference of means | deviation over seeds, pooled |\n| --- | --- | --- | --- | --- |")
    for loss in LOSSES:
        ours = [json.loads((run / "run.json").read_text())["metrics"]["macroF1"] for run in sorted(pathlib.Path(runs).glob(f"{loss}-s*"))]
        theirs = [other[f"{loss}-s{seed}"] for seed in range(RECIPES[name]["seeds"])]
        pooled = math.sqrt((np.var(ours, ddof=1) + np.var(theirs, ddof=1)) / 2)
        text = lambda values: f"{np.mean(values):.3f} ({', '.join(f'{v:.3f}' for v in values)})"
        print(f"| {loss} | {text(ours)} | {text(theirs)} | {np.mean(ours) - np.mean(theirs):+.3f} | {pooled:.3f} |")


what, *arguments = sys.argv[1:]
{"draw-digits": draw_digits, "torch": torch_runs, "table": table}[what](*arguments)
