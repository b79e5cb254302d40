"""OpenCV: images, computed by a pool of threads."""

NAME = "opencv-python-headless"
IMPORTS = ("cv2",)
REQUIRES = ("opencv-python-headless>=4.5",)
STANCE = "silent"
SAYS = (
    "Read: setNumThreads() in the reference of 4.x and the README of opencv-python; neither mentions fork. "
    "A proposed warning was closed without being taken (2026)."
)
ADDRESS = "https://docs.opencv.org/4.x/db/de0/group__core__utils.html"
THREADS = (
    (
        "OpenCV breaks when used with Python multiprocessing module",
        "https://github.com/opencv/opencv/issues/5150",
    ),
    (
        "A proposed warning that OpenCV is not fork-safe, closed",
        "https://github.com/opencv/opencv-python/pull/1225",
    ),
    (
        "findContours hangs in subprocess",
        "https://github.com/opencv/opencv-python/issues/249",
    ),
)
NOTE = (
    "cv2.setNumThreads(1) in a forked child hangs if the parent has used the pool: it waits for the end of threads "
    "that the child does not have. setNumThreads(0) and 2 do not, and spawn never does (5.0.0, by hand, twice)."
)


def make():
    import numpy

    return numpy.arange(1000 * 1000 * 3, dtype=numpy.uint32).astype(numpy.uint8).reshape(1000, 1000, 3)


def use(image):
    import cv2

    flipped = cv2.flip(cv2.resize(image, (2000, 2000), interpolation=cv2.INTER_NEAREST), -1)
    return bool((flipped[-1, -1] == image[0, 0]).all() and (flipped[0, 0] == image[-1, -1]).all())


def close(image):
    pass
