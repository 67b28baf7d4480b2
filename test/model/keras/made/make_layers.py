"""One small case per Keras layer and operation, by both generations of Keras: configuration, arrays, input, output.
Out: layers.json beside this script. Run: python make_layers.py (needs tensorflow-cpu, keras 3, tf-keras)."""
import base64
import json
import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_ENABLE_ONEDNN_OPTS="0")
import keras
import numpy as np
import tensorflow as tf
import tf_keras

IMAGE = (5, 6, 4)
PHOTO = (4, 3, 3)
ACTIVATIONS = ["linear", "relu", "relu6", "elu", "selu", "silu", "swish", "gelu", "mish", "sigmoid", "tanh", "softplus", "softsign", "exponential",
               "hard_sigmoid", "softmax", "leaky_relu", "celu", "hard_silu", "hard_swish", "hard_tanh", "log_sigmoid", "log_softmax", "squareplus", "tanh_shrink"]  # fmt: skip

RANDOM_3 = {
    "RandomHue": [0.2], "RandomSaturation": [0.2], "RandomSharpness": [0.2], "RandomShear": [0.2], "RandomGrayscale": [0.2], "RandomInvert": [0.2],
    "RandomPosterization": [4], "RandomErasing": [0.2], "RandomColorDegeneration": [0.2], "RandomPerspective": [0.2], "RandomGaussianBlur": [],
    "RandomColorJitter": [], "RandomElasticTransform": [0.2], "CutMix": [0.2], "MixUp": [0.2], "RandAugment": [],
}  # fmt: skip


def images(K):
    """name -> (input shapes, function of the inputs). What only one generation has is marked by its number."""
    L = K.layers
    one = lambda make, shape=IMAGE: ([shape], lambda x: make()(x))
    cases = {
        "Conv2D same": one(lambda: L.Conv2D(5, 3, strides=2, padding="same", activation="relu")),
        "Conv2D oblong": one(lambda: L.Conv2D(5, (2, 3), strides=(1, 2), padding="same", use_bias=False)),
        "Conv2D dilated": one(lambda: L.Conv2D(5, 3, dilation_rate=(2, 1), padding="same")),
        "Conv2D grouped": one(lambda: L.Conv2D(6, 2, groups=2)),
        "DepthwiseConv2D": one(lambda: L.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, activation="tanh")),
        "DepthwiseConv2D dilated": one(lambda: L.DepthwiseConv2D(2, dilation_rate=2)),
        "SeparableConv2D": one(lambda: L.SeparableConv2D(5, 3, strides=2, padding="same", depth_multiplier=2)),
        "Conv2DTranspose same": one(lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same")),
        "Conv2DTranspose valid": one(lambda: L.Conv2DTranspose(3, (2, 3), strides=3)),
        "Conv2DTranspose output_padding": one(lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1)),
        "Dense on maps": one(lambda: L.Dense(5, activation="gelu")),
        "Dense without bias": one(lambda: L.Dense(5, use_bias=False), (4,)),
        "BatchNormalization": one(lambda: L.BatchNormalization(epsilon=1e-2)),
        "BatchNormalization plain": one(lambda: L.BatchNormalization(scale=False, center=False)),
        "BatchNormalization axis": one(lambda: L.BatchNormalization(axis=1)),
        "BatchNormalization of vectors": one(lambda: L.BatchNormalization(), (4,)),
        "LayerNormalization": one(lambda: L.LayerNormalization(epsilon=1e-6)),
        "LayerNormalization axes": one(lambda: L.LayerNormalization(axis=[1, 3])),
        "GroupNormalization": one(lambda: L.GroupNormalization(groups=2)),
        "GroupNormalization instances": one(lambda: L.GroupNormalization(groups=-1)),
        "UnitNormalization": one(lambda: L.UnitNormalization()),
        "Normalization": one(lambda: L.Normalization(axis=-1)),
        "Normalization fixed": one(lambda: L.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 4.0])),
        "Rescaling": one(lambda: L.Rescaling(0.5, offset=-1.0)),
        "Rescaling per channel": one(lambda: L.Rescaling([0.5, 1.0, 2.0, 3.0], offset=[0.0, 1.0, 0.0, -1.0])),
        "Resizing bilinear": one(lambda: L.Resizing(4, 9)),
        "Resizing nearest": one(lambda: L.Resizing(4, 9, interpolation="nearest")),
        "Resizing crop": one(lambda: L.Resizing(4, 3, crop_to_aspect_ratio=True)),
        "CenterCrop": one(lambda: L.CenterCrop(3, 4)),
        "RandomCrop": one(lambda: L.RandomCrop(5, 6)),
        "RandomFlip": one(lambda: L.RandomFlip(), PHOTO),
        "RandomRotation": one(lambda: L.RandomRotation(0.2), PHOTO),
        "RandomZoom": one(lambda: L.RandomZoom(0.2), PHOTO),
        "RandomTranslation": one(lambda: L.RandomTranslation(0.2, 0.2), PHOTO),
        "RandomContrast": one(lambda: L.RandomContrast(0.2), PHOTO),
        "RandomBrightness": one(lambda: L.RandomBrightness(0.2), PHOTO),
        "Dropout": one(lambda: L.Dropout(0.5), PHOTO),
        "SpatialDropout2D": one(lambda: L.SpatialDropout2D(0.5), PHOTO),
        "GaussianNoise": one(lambda: L.GaussianNoise(0.5), PHOTO),
        "GaussianDropout": one(lambda: L.GaussianDropout(0.5), PHOTO),
        "AlphaDropout": one(lambda: L.AlphaDropout(0.5), PHOTO),
        "ActivityRegularization": one(lambda: L.ActivityRegularization(0.1), PHOTO),
        "Identity": one(lambda: L.Identity(), PHOTO),
        "ZeroPadding2D": one(lambda: L.ZeroPadding2D(((0, 1), (2, 3)))),
        "ZeroPadding2D both": one(lambda: L.ZeroPadding2D((1, 2))),
        "Cropping2D": one(lambda: L.Cropping2D(((1, 2), (0, 3)))),
        "UpSampling2D nearest": one(lambda: L.UpSampling2D((2, 3))),
        "UpSampling2D bilinear": one(lambda: L.UpSampling2D(2, interpolation="bilinear")),
        "MaxPooling2D": one(lambda: L.MaxPooling2D(2)),
        "MaxPooling2D same": one(lambda: L.MaxPooling2D(3, strides=2, padding="same")),
        "AveragePooling2D": one(lambda: L.AveragePooling2D((2, 3), strides=1)),
        "AveragePooling2D same": one(lambda: L.AveragePooling2D(3, strides=2, padding="same")),
        "GlobalAveragePooling2D": one(lambda: L.GlobalAveragePooling2D()),
        "GlobalAveragePooling2D keepdims": one(lambda: L.GlobalAveragePooling2D(keepdims=True)),
        "GlobalMaxPooling2D": one(lambda: L.GlobalMaxPooling2D()),
        "GlobalAveragePooling1D": one(lambda: L.GlobalAveragePooling1D(), (5, 4)),
        "GlobalMaxPooling1D": one(lambda: L.GlobalMaxPooling1D(), (5, 4)),
        "ReLU": one(lambda: L.ReLU()),
        "ReLU all": one(lambda: L.ReLU(max_value=1.5, negative_slope=0.2, threshold=0.3)),
        "ReLU 6": one(lambda: L.ReLU(6.0)),
        "LeakyReLU": one(lambda: L.LeakyReLU(0.15)),
        "ELU": one(lambda: L.ELU(0.7)),
        "PReLU": one(lambda: L.PReLU()),
        "PReLU shared": one(lambda: L.PReLU(shared_axes=[1, 2])),
        "Softmax": one(lambda: L.Softmax()),
        "Softmax axis": one(lambda: L.Softmax(axis=1)),
        "Softmax axes": one(lambda: L.Softmax(axis=[1, 2])),
        "Flatten": one(lambda: L.Flatten()),
        "Reshape": one(lambda: L.Reshape((6, -1))),
        "Permute": one(lambda: L.Permute((3, 1, 2))),
        "RepeatVector": one(lambda: L.RepeatVector(3), (4,)),
        "Attention": ([(5, 4), (6, 4)], lambda q, v: L.Attention()([q, v])),
        "Attention scaled": ([(5, 4), (6, 4), (6, 4)], lambda q, v, k: L.Attention(use_scale=True)([q, v, k])),
        "MultiHeadAttention": ([(5, 4)], lambda x: L.MultiHeadAttention(2, 3)(x, x)),
        "MultiHeadAttention sizes": ([(5, 4), (6, 3)], lambda q, v: L.MultiHeadAttention(2, 3, value_dim=2, output_shape=5, use_bias=False)(q, v, key=v)),
        "MultiHeadAttention on maps": ([(2, 3, 4)], lambda x: L.MultiHeadAttention(2, 3)(x, x)),
        "Add": ([IMAGE, IMAGE, IMAGE], lambda *x: L.Add()(x)),
        "Subtract": ([IMAGE, IMAGE], lambda *x: L.Subtract()(x)),
        "Multiply": ([IMAGE, (1, 1, 4)], lambda *x: L.Multiply()(x)),
        "Average": ([IMAGE, IMAGE, IMAGE], lambda *x: L.Average()(x)),
        "Maximum": ([IMAGE, IMAGE], lambda *x: L.Maximum()(x)),
        "Minimum": ([IMAGE, IMAGE], lambda *x: L.Minimum()(x)),
        "Concatenate": ([IMAGE, (5, 6, 2)], lambda *x: L.Concatenate()(x)),
        "Concatenate axis": ([IMAGE, (2, 6, 4)], lambda *x: L.Concatenate(axis=1)(x)),
        "Dot": ([(5, 4), (6, 4)], lambda *x: L.Dot(axes=2)(x)),
        "Dot normalised": ([(4,), (4,)], lambda *x: L.Dot(axes=1, normalize=True)(x)),
        "shared layer": ([IMAGE, IMAGE], lambda a, b: (lambda conv: L.Add()([conv(a), conv(conv(b))]))(L.Conv2D(4, 3, padding="same"))),
        "nested model": ([IMAGE, IMAGE], lambda a, b: (lambda inner: L.Add()([inner(a), inner(b)]))(nested(K))),
    }
    for name in ACTIVATIONS:
        if hasattr(K.activations, name):
            cases[f"Activation {name}"] = one(lambda name=name: L.Activation(name), PHOTO)
    return {**cases, **(only_3(K) if K is keras else only_2(K))}


def nested(K):
    L = K.layers
    image = L.Input(IMAGE)
    return K.Model(image, L.Dense(3)(L.BatchNormalization()(L.Conv2D(4, 2)(image))), name="inner")


def only_2(K):
    L = K.layers
    applications = tf_keras.src.applications
    one = lambda make, shape=IMAGE: ([shape], lambda x: make(x))
    return {
        "ThresholdedReLU": one(L.ThresholdedReLU(0.4)),
        "SyncBatchNormalization": one(L.BatchNormalization(synchronized=True)),
        "RandomHeight": one(L.RandomHeight(0.2)),
        "RandomWidth": one(L.RandomWidth(0.2)),
        "LayerScale": one(applications.convnext.LayerScale(0.5, 4)),
        "StochasticDepth": one(applications.convnext.StochasticDepth(0.5)),
        "CustomScaleLayer": ([IMAGE, IMAGE], lambda a, b: applications.inception_resnet_v2.CustomScaleLayer(scale=0.2)([a, b])),
        "tf arithmetic": one(lambda x: 3.0 - (tf.nn.relu6(x / 2.0 + 3.0) * (1.0 / 6.0) - [0.1, 0.2, 0.3, 0.4]) ** 2),
        "tf of two": ([IMAGE, (1, 6, 4)], lambda a, b: tf.maximum(a * 2 + b, -a)),
        "tf functions": one(lambda x: tf.math.add_n([tf.math.log(tf.abs(x) + 1.0), tf.sqrt(tf.square(x)), tf.math.rsqrt(x * x + 1.0), tf.sin(x), tf.cos(x), tf.math.erf(x),
                                                     tf.math.reciprocal(x * x + 1.0), tf.negative(x), tf.identity(x), tf.stop_gradient(x), tf.reverse(x, [1]),
                                                     tf.minimum(x, 0.1), tf.pow(tf.abs(x), 1.5), tf.math.divide_no_nan(x, x * 0.0)])),
        "tf comparisons": one(lambda x: tf.cast(x >= 0.1, tf.float32) + tf.cast(x < 0.5, tf.float32) + tf.cast(x <= -0.5, tf.float32)),
        "tf tile": one(lambda x: tf.tile(x, [1, 2, 1, 1]) - tf.reduce_min(x)),
        "tf bias": one(lambda x: tf.nn.bias_add(tf.nn.leaky_relu(x, 0.3), [0.1, 0.2, 0.3, 0.4])),
        "tf slices": one(lambda x: tf.concat([x[:, ::2, 1:-1, ::-1], x[:, 2:, :4]], axis=-1)),
        "tf new axis": one(lambda x: tf.squeeze(x[:, 2, tf.newaxis], axis=1)),
        "tf reductions": one(lambda x: tf.reduce_mean(x, axis=[1, 2], keepdims=True) + tf.reduce_max(x, axis=1, keepdims=True) - tf.reduce_sum(x, axis=-1)[..., None]),
        "tf shapes": one(lambda x: tf.transpose(tf.reshape(x, [tf.shape(x)[0], -1, 4]), [0, 2, 1])),
        "tf stack and split": one(lambda x: tf.stack(tf.split(x, 2, axis=-1), axis=1)),
        "tf pad and clip": one(lambda x: tf.clip_by_value(tf.pad(x, [[0, 0], [1, 0], [0, 2], [0, 0]]), -0.5, 0.5)),
        "tf normalise": one(lambda x: tf.math.l2_normalize(x, axis=-1)),
        "tf choose": one(lambda x: tf.where(x > 0.1, x, tf.exp(x))),
        "tf resize": one(lambda x: tf.image.resize(x, [9, 5])),
        "tf matmul": ([(5, 4)], lambda x: tf.nn.softmax(tf.matmul(x, x, transpose_b=True), axis=1)),
        "preprocess_input": one(lambda x: K.applications.resnet50.preprocess_input(x), PHOTO),
    }  # fmt: skip


def only_3(K):
    L, O = K.layers, K.ops
    applications = keras.src.applications
    one = lambda make, shape=IMAGE: ([shape], lambda x: make(x))
    return {
        "RMSNormalization": one(L.RMSNormalization()),
        "LayerNormalization root mean square": one(L.LayerNormalization(rms_scaling=True)),
        "Dense with a layer as activation": one(L.Dense(3, activation=L.LeakyReLU(0.1))),
        "LayerScale": one(applications.convnext.LayerScale(0.5, 4)),
        "StochasticDepth": one(applications.convnext.StochasticDepth(0.5)),
        "CustomScaleLayer": ([IMAGE, IMAGE], lambda a, b: applications.inception_resnet_v2.CustomScaleLayer(scale=0.2)([a, b])),
        **{name: one(getattr(L, name)(*options), PHOTO) for name, options in RANDOM_3.items()},
        "SpatialDropout1D": one(L.SpatialDropout1D(0.5), (5, 4)),
        "ops arithmetic": one(lambda x: 3.0 - (O.relu6(x / 2.0 + 3.0) * (1.0 / 6.0) - np.array([0.1, 0.2, 0.3, 0.4], "float32")) ** 2),
        "ops of two": ([IMAGE, (1, 6, 4)], lambda a, b: O.maximum(a * 2 + b, -a)),
        "ops functions": one(lambda x: O.log(O.absolute(x) + 1.0) + O.sqrt(O.square(x)) + O.rsqrt(x * x + 1.0) + O.sin(x) + O.cos(x) + O.erf(x) + O.reciprocal(x * x + 1.0)
                             + O.negative(x) + O.stop_gradient(x) + O.flip(x, 1) + O.minimum(x, 0.1) + O.power(O.abs(x), 1.5) + O.divide_no_nan(x, x * 0.0)),
        "ops comparisons": one(lambda x: O.cast(x >= 0.1, "float32") + O.cast(x < 0.5, "float32") + O.cast(x <= -0.5, "float32") + O.cast(x > 0.2, "float32")),
        "ops tile": one(lambda x: O.tile(x, [1, 2, 1, 1]) - O.min(x, axis=[1, 2, 3], keepdims=True)),
        "ops slices": one(lambda x: O.concatenate([x[:, ::2, 1:-1, ::-1], x[:, 2:, :4]], axis=-1)),
        "ops new axis": one(lambda x: O.squeeze(x[:, 2, None], axis=1)),
        "ops ellipsis": one(lambda x: x[..., 1:3]),
        "ops reductions": one(lambda x: O.mean(x, axis=[1, 2], keepdims=True) + O.max(x, axis=1, keepdims=True) - O.sum(x, axis=-1, keepdims=True)),
        "ops shapes": one(lambda x: O.transpose(O.reshape(x, (-1, 30, 4)), (0, 2, 1))),
        "ops swapaxes and expand": one(lambda x: O.expand_dims(O.swapaxes(x, 1, 3), -1)),
        "ops stack and split": one(lambda x: O.stack(O.split(x, 2, axis=-1), axis=1)),
        "ops pad and clip": one(lambda x: O.clip(O.pad(x, [[0, 0], [1, 0], [0, 2], [0, 0]]), -0.5, 0.5)),
        "ops normalise": one(lambda x: O.normalize(x, axis=-1)),
        "ops choose": one(lambda x: O.where(x > 0.1, x, O.exp(x))),
        "ops resize": one(lambda x: O.image.resize(x, (9, 5))),
        "ops matmul": ([(5, 4)], lambda x: O.softmax(O.matmul(x, O.transpose(x, (0, 2, 1))), axis=1)),
        "ops activations": one(lambda x: O.gelu(x) + O.leaky_relu(x, 0.3) + O.hard_sigmoid(x) + O.cast(x > 0, "float32")),
        "preprocess_input": one(lambda x: K.applications.resnet50.preprocess_input(x), PHOTO),
    }  # fmt: skip


def numbers(array):
    """Little-endian float32 as base64."""
    return base64.b64encode(np.asarray(array, "<f4").tobytes()).decode()


def record(K, name, shapes, build, rng):
    inputs = [K.layers.Input(shape) for shape in shapes]
    model = K.Model(inputs, build(*inputs), name="case")
    arrays = []
    for weight in model.weights:
        path = (getattr(weight, "path", None) or weight.name).split(":")[0]
        if "seed" in path or path.endswith("count"):
            continue
        low, high = (0.5, 1.5) if "variance" in path else (-1, 1)
        weight.assign(rng.uniform(low, high, weight.shape))
        arrays.append({"name": path, "shape": list(weight.shape), "values": numbers(weight)})
    for layer in model.layers:
        if hasattr(layer, "finalize_state") and layer.weights:
            layer.finalize_state()
    feeds = [rng.normal(0, 1, (2, *shape)).astype(np.float32) for shape in shapes]
    output = np.asarray(model(feeds if len(feeds) > 1 else feeds[0], training=False))
    if K is keras:
        config = keras.saving.serialize_keras_object(model)
    else:
        config = json.loads(model.to_json())
    for key in ("compile_config", "build_config"):
        config.pop(key, None)
    return {
        "name": name, "keras": 3 if K is keras else 2, "config": trimmed(config), "arrays": arrays,
        "inputs": [{"shape": list(feed.shape), "values": numbers(feed)} for feed in feeds],
        "output": {"shape": list(output.shape), "values": numbers(output)},
    }  # fmt: skip


def trimmed(value):
    """Leaves out what training needs and reading does not."""
    if isinstance(value, dict):
        drop = lambda key: key.endswith(("_initializer", "_regularizer", "_constraint")) or key in ("build_config", "compile_config", "seed", "bounding_box_format")
        return {key: trimmed(item) for key, item in value.items() if not drop(key)}
    return [trimmed(item) for item in value] if isinstance(value, (list, tuple)) else value


def main():
    rng = np.random.default_rng(0)
    cases = []
    for K in (tf_keras, keras):
        for name, (shapes, build) in images(K).items():
            K.backend.clear_session() if K is tf_keras else keras.utils.clear_session()
            cases.append(record(K, name, shapes, build, rng))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
    print(len(cases), "cases,", os.path.getsize(path) // 1024, "KB")


if __name__ == "__main__":
    main()
