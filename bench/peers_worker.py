"""One peer, one model, kept warm: reads {"batch": n, "runs": k} lines, answers milliseconds per run.

    python peers_worker.py VARIANT MODEL FOLDER [DEVICE]      (driven by bench/peers.mjs and bench/gpu.mjs)

Work: batch of 224 x 224 tensors in memory -> Grad-CAM of class 7 at the last convolution, at the layer's own resolution or,
where the library always resizes (pytorch-grad-cam, tf-keras-vis), at the size it gives."""
import json
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")
variant, name, folder, device = [*sys.argv[1:], "cpu"][:4]
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
import numpy as np

THREADS = int(os.environ["OMP_NUM_THREADS"])
CLASS = 7


def images(batch, channels_last=False):
    x = np.sin(np.arange(batch * 3 * 224 * 224, dtype=np.float32) * 0.37)
    return x.reshape((batch, 224, 224, 3) if channels_last else (batch, 3, 224, 224))


def torch_model():
    import torch
    import torchvision

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(weights=None).eval().to(device)
    return model, model.layer4[-1] if name == "resnet50" else model.features[-1]


def make(batch):
    if variant == "onnxruntime-forward":
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = ort.InferenceSession(f"{folder}/{name}.onnx", options, providers=["CPUExecutionProvider"])
        feed = {session.get_inputs()[0].name: images(batch)}
        return lambda: session.run(None, feed)
    if variant == "tf-keras-vis":
        os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
        import keras
        import tensorflow as tf
        from tf_keras_vis.gradcam import Gradcam
        from tf_keras_vis.utils.model_modifiers import ReplaceToLinear
        from tf_keras_vis.utils.scores import CategoricalScore

        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(THREADS)
        model = {"resnet50": keras.applications.ResNet50, "efficientnet_v2_s": keras.applications.EfficientNetV2S}[name](weights=None, input_shape=(224, 224, 3))
        layer = {"resnet50": "conv5_block3_out", "efficientnet_v2_s": "top_activation"}[name]
        explain, score, x = Gradcam(model, model_modifier=ReplaceToLinear(), clone=True), CategoricalScore([CLASS] * batch), images(batch, True)
        return lambda: explain(score, x, penultimate_layer=layer, seek_penultimate_conv_layer=False)
    import torch

    model, layer = torch_model()
    x = torch.from_numpy(images(batch))
    if variant == "pytorch-forward":
        def forward():
            with torch.inference_mode():
                return model(x.to(device)).cpu()
        return forward
    if variant == "pytorch-autograd":  # Grad-CAM with nothing around it
        kept = []
        layer.register_forward_hook(lambda module, inputs, output: kept.append(output))

        def by_autograd():
            kept.clear()
            score = model(x.to(device))[:, CLASS].sum()
            gradient = torch.autograd.grad(score, kept[0])[0]
            return (gradient.mean((2, 3), keepdim=True) * kept[0]).sum(1).relu().detach().cpu()
        return by_autograd
    if variant == "pytorch-grad-cam":
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        cam, targets = GradCAM(model=model, target_layers=[layer]), [ClassifierOutputTarget(CLASS)] * batch
        return lambda: cam(input_tensor=x.to(device), targets=targets)
    if variant == "captum":
        from captum.attr import LayerGradCam

        cam = LayerGradCam(model, layer)
        return lambda: cam.attribute(x.to(device), target=CLASS, relu_attributions=True).cpu()
    from torchcam.methods import GradCAM

    cam = GradCAM(model, target_layer=layer)
    return lambda: [one.cpu() for one in cam([CLASS] * batch, model(x.to(device)))]


made = {}
for line in sys.stdin:
    ask = json.loads(line)
    if ask["batch"] not in made:
        made[ask["batch"]] = make(ask["batch"])
        for _ in range(2):
            made[ask["batch"]]()
    times = []
    for _ in range(ask["runs"]):
        start = time.perf_counter()
        made[ask["batch"]]()
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps(times), file=out, flush=True)
