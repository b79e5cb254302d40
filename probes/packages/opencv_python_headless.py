"""OpenCV: images, computed by a pool of threads."""

NAME = "opencv-python-headless"
IMPORTS = ("cv2",)
REQUIRES = ("opencv-python-headless>=4.5",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://docs.opencv.org/4.x/db/de0/group__core__utils.html"
THREADS = (
    (
        "OpenCV breaks when used with Python multiprocessing module",
        "https://github.com/opencv/opencv/issues/5150",
    ),
    (
        "findContours hangs in subprocess",
        "https://github.com/opencv/opencv-python/issues/249",
    ),
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
