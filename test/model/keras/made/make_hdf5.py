"""An HDF5 file with every form of array and attribute that h5py writes by default. Out: sample.h5 beside this script.
Run: python make_hdf5.py (needs h5py)."""
import os

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def fill(file):
    group = file.create_group("layers/conv")
    group["float32"] = np.arange(24, dtype="f4").reshape(2, 3, 4) / 8
    group["float16"] = np.array([0.5, -2, 65504, 2**-24], "f2")
    group["float64"] = np.array([[0.1], [1e300]])
    group["int64"] = np.array([-1, 2**40])
    group["uint8"] = np.arange(5, dtype="u1")
    group["bool"] = np.array([True, False, True])
    group["scalar"] = np.float32(3.5)
    brain = group.create_dataset("bfloat16", data=np.array([0x3F80, 0xC000], "u2").view("V2"))
    brain.attrs["dtype"] = "bfloat16"
    group.create_dataset("chunked", data=np.arange(60, dtype="f4").reshape(10, 6), chunks=(4, 4))
    group.create_dataset("packed", data=np.arange(60, dtype="f4").reshape(10, 6), chunks=(3, 6), compression="gzip", shuffle=True, fletcher32=True)
    group.create_dataset("unwritten", shape=(3,), dtype="f4")
    group.create_dataset("compressed otherwise", data=np.arange(60, dtype="f4"), compression="lzf")
    file.attrs["text"] = "x" * 7000
    file.attrs["bytes"] = b"hello"
    file.attrs["names"] = ["conv/kernel:0", "conv/bias:0"]
    file.attrs["fixed"] = np.array([b"abc", b"defgh"])
    file.attrs["none"] = np.array([], "f8")
    file.attrs["number"] = 3
    # Enough links for a tree of two levels; they lead to one array.
    many = file.create_group("many")
    many["layer_0"] = np.uint8(7)
    for index in range(1, 400):
        many[f"layer_{index}"] = many["layer_0"]


def main():
    with h5py.File(os.path.join(HERE, "sample.h5"), "w") as file:
        fill(file)
    with h5py.File(os.path.join(HERE, "latest.h5"), "w", libver="latest") as file:
        file["few/one"] = np.arange(3, dtype="f4")
        for index in range(12):
            file[f"dense/{index}"] = np.float32(index)


if __name__ == "__main__":
    main()
