"""Matplotlib: plots, here drawn into memory by Agg."""

NAME = "matplotlib"
IMPORTS = ("matplotlib.pyplot",)
REQUIRES = ("matplotlib>=3.5",)
STANCE = "unsafe"
SAYS = (
    "FT2Font objects cannot be used across fork(): the cache of fonts is emptied in a child (font_manager.py, 3.11.2)."
)
ADDRESS = "https://github.com/matplotlib/matplotlib/blob/v3.11.2/lib/matplotlib/font_manager.py"
THREADS = (
    (
        "FIX: move the font lock higher up the call and class tree (the lock that Figure.draw takes)",
        "https://github.com/matplotlib/matplotlib/pull/26302",
    ),
    (
        "segfault due to font objects when multi-threading",
        "https://github.com/matplotlib/matplotlib/issues/19560",
    ),
)


def make():
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(4, 3), dpi=50)
    axes.plot(range(1000))
    axes.set_title("numbers")
    return figure


def use(figure):
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    pixels = bytes(figure.canvas.buffer_rgba())
    return len(pixels) == width * height * 4 and 50 < len(set(pixels)) <= 256


def close(figure):
    import matplotlib.pyplot as plt

    plt.close(figure)
