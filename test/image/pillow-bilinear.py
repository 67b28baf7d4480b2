"""Writes pillow-bilinear.json: small pictures resized by Pillow's BILINEAR, the reference of resample.test.ts.
Run: pip install "pillow<12" numpy && python pillow-bilinear.py"""
import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

SIZES = [((7, 5), (3, 2)), ((7, 5), (7, 3)), ((7, 5), (2, 5)), ((3, 2), (8, 7)), ((23, 17), (5, 4)), ((2, 9), (5, 3)), ((1, 1), (3, 3)), ((16, 1), (1, 1))]

rng = np.random.default_rng(1)
cases = []
for (width, height), (to_width, to_height) in SIZES:
    source = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    result = Image.fromarray(source).resize((to_width, to_height), Image.BILINEAR)
    cases.append(
        {"from": [height, width], "to": [to_height, to_width], "source": source.ravel().tolist(), "result": np.asarray(result).ravel().tolist()}
    )
lines = ",\n".join("  " + json.dumps(case, separators=(",", ":")) for case in cases)
text = f'{{"pillow": "{PIL.__version__}", "cases": [\n{lines}\n]}}\n'
Path(__file__).with_name("pillow-bilinear.json").write_text(text)
