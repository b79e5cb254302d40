"""Pillow: images, read, changed and written."""

NAME = "pillow"
IMPORTS = ("PIL.Image",)
REQUIRES = ("pillow>=9.0",)
STANCE = "silent"
SAYS = "Read: the block allocator and its memory pool, in which processes do not occur."
ADDRESS = "https://pillow.readthedocs.io/en/stable/reference/block_allocator.html"
THREADS = (
    (
        "Multiprocessing and loading images",
        "https://github.com/python-pillow/Pillow/issues/2995",
    ),
    (
        "Loading pickled images fails for png files with iTXt chunks",
        "https://github.com/python-pillow/Pillow/issues/1434",
    ),
)


def make():
    from PIL import Image

    return Image.radial_gradient("L").resize((600, 600))


def use(image):
    import io

    from PIL import Image

    file = io.BytesIO()
    image.convert("RGB").save(file, "PNG")
    back = Image.open(file).convert("L").rotate(90).rotate(270)
    return back.tobytes() == image.tobytes()


def close(image):
    image.close()
