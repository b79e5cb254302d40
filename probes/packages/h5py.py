"""h5py: files of HDF5, whose library has one lock for all."""

import os
import tempfile
import uuid

NAME = "h5py"
IMPORTS = ("h5py",)
REQUIRES = ("h5py>=3.0",)
STANCE = "unsafe"
SAYS = "Open the file in each process: opening it once and forking then may cause issues."
ADDRESS = "https://docs.h5py.org/en/latest/mpi.html"


def make():
    import h5py

    file = h5py.File(os.path.join(tempfile.gettempdir(), "scratch-%s.h5" % uuid.uuid4()), "w")
    file.create_dataset("numbers", data=list(range(20000)), chunks=(1000,), compression="gzip")
    file.flush()
    return file


def use(file):
    return int(file["numbers"][:].sum()) == 199990000


def close(file):
    file.close()
