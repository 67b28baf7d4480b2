"""Writes torchvision-crop.json: small pictures through torchvision's evaluation transform, Resize(short side), CenterCrop(size).
Run: pip install torchvision==0.29.2 numpy && python torchvision-crop.py"""
import json
from pathlib import Path

import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, Resize

# (width, height), short side, (height, width) of the crop
CASES = [((23, 17), 8, (7, 7)), ((17, 23), 8, (7, 7)), ((30, 11), 9, (8, 5)), ((12, 12), 16, (14, 14)), ((19, 8), 8, (8, 8))]

rng = np.random.default_rng(2)
cases = []
for (width, height), short, size in CASES:
    source = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    result = Compose([Resize(short), CenterCrop(size)])(Image.fromarray(source))
    cases.append(
        {
            "from": [height, width], "shortSide": short, "size": list(size), "source": source.ravel().tolist(),
            "result": np.asarray(result).ravel().tolist(),
        }
    )
lines = ",\n".join("  " + json.dumps(case, separators=(",", ":")) for case in cases)
text = f'{{"torchvision": "{torchvision.__version__}", "pillow": "{PIL.__version__}", "cases": [\n{lines}\n]}}\n'
Path(__file__).with_name("torchvision-crop.json").write_text(text)
