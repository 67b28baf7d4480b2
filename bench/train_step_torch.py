"""One training step of PyTorch a line: reads a line, takes a step, answers with its milliseconds. Started by train-step.mjs."""
import sys
import time

import torch
import torchvision

name, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
device = sys.argv[4] if len(sys.argv) > 4 else "cpu"
torch.set_num_threads(threads)
model = getattr(torchvision.models, name)(num_classes=1000).train().to(device)
optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=1e-4)
images, labels = torch.randn(batch, 3, 224, 224), torch.arange(batch)
print(torch.__version__, flush=True)
for _ in sys.stdin:
    started = time.perf_counter()
    loss = torch.nn.functional.cross_entropy(model(images.to(device)), labels.to(device))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    loss.item()
    print((time.perf_counter() - started) * 1000, flush=True)
