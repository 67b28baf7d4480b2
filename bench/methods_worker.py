"""pytorch-grad-cam's Ablation-CAM and Score-CAM weights of the first channels at layer4 of ResNet50, timed: python
methods_worker.py RESNET50.pt CHANNELS THREADS. Prints {ablation, score} in milliseconds."""
import json
import os
import sys
import time

os.environ["TQDM_DISABLE"] = "1"
import torch
import torchvision
from importlib.metadata import version
from pytorch_grad_cam import AblationCAM, ScoreCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

path, channels, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
model = torchvision.models.resnet50(weights=None)
model.load_state_dict(torch.load(path, weights_only=True))
model.eval()
x = torch.sin(torch.arange(3 * 224 * 224) * 0.37).reshape(1, 3, 224, 224)
body = torch.nn.Sequential(model.conv1, model.bn1, model.relu, model.maxpool, model.layer1, model.layer2, model.layer3, model.layer4)
with torch.no_grad():
    activations = body(x)[:, :channels].numpy()
targets = [ClassifierOutputTarget(7)]


def timed(method):
    cam = method(model=model, target_layers=[model.layer4[-1]])
    cam.outputs = cam.activations_and_grads(x)
    for count in (16, channels):  # the first warms up
        started = time.perf_counter()
        cam.get_cam_weights(x, model.layer4[-1], targets, activations[:, :count], None)
    return 1000 * (time.perf_counter() - started)


result = {"score": timed(ScoreCAM), "ablation": timed(AblationCAM), "version": version("grad-cam"), "torch": torch.__version__}
print(json.dumps(result), flush=True)
