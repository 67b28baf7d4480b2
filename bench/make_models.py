"""ResNet50, EfficientNetV2-S and networks of other kinds at 224 with seeded random weights, as ONNX, for the benchmarks: python bench/make_models.py DIR

Needs torch, torchvision and onnx. Batch normalisation is calibrated by a few passes over noise, so that activations have
the size they have in a trained network: speed then does not depend on zeros or denormals."""
import pathlib
import sys

import torch
import torchvision

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
FOR_PEERS = ("resnet50", "efficientnet_v2_s")
OTHERS = ("efficientnet_b0", "mobilenet_v3_large", "mobilenet_v2", "densenet121", "resnext50_32x4d", "inception_v3", "vgg16",
          "convnext_tiny", "vit_b_16")
for name in (*FOR_PEERS, *OTHERS):
    torch.manual_seed(0)
    options = {"init_weights": False, "aux_logits": False} if name == "inception_v3" else {}
    model = getattr(torchvision.models, name)(weights=None, **options).train()
    with torch.no_grad():
        for _ in range(8 if name in FOR_PEERS else 2):
            model(torch.randn(8, 3, 224, 224))
    model.eval()
    if name in FOR_PEERS:
        torch.save(model.state_dict(), str(folder / f"{name}.pt"))
    torch.onnx.export(model, torch.zeros(1, 3, 224, 224), str(folder / f"{name}.onnx"), dynamo=False, opset_version=17,
                      input_names=["input"], output_names=["logits"],
                      dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
