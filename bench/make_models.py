"""ResNet50 and EfficientNetV2-S at 224 with seeded random weights, as ONNX, for the benchmarks: python bench/make_models.py DIR

Needs torch, torchvision and onnx. Batch normalisation is calibrated by a few passes over noise, so that activations have
the size they have in a trained network: speed then does not depend on zeros or denormals."""
import pathlib
import sys

import torch
import torchvision

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name in ("resnet50", "efficientnet_v2_s"):
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(weights=None).train()
    with torch.no_grad():
        for _ in range(8):
            model(torch.randn(8, 3, 224, 224))
    model.eval()
    torch.save(model.state_dict(), str(folder / f"{name}.pt"))  # for peers
    torch.onnx.export(model, torch.zeros(1, 3, 224, 224), str(folder / f"{name}.onnx"), dynamo=False, opset_version=17,
                      input_names=["input"], output_names=["logits"],
                      dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
