"""scikit-learn: machine learning; here a histogram gradient boosting, which uses OpenMP."""

NAME = "scikit-learn"
IMPORTS = ("sklearn.ensemble",)
REQUIRES = ("scikit-learn>=1.0",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://scikit-learn.org/stable/faq.html"


def numbers():
    import numpy

    return numpy.arange(4000, dtype=float).reshape(-1, 1)


def make():
    from sklearn.ensemble import HistGradientBoostingRegressor

    data = numbers()
    return HistGradientBoostingRegressor(max_iter=5, learning_rate=1.0).fit(data, (data[:, 0] > 2000) * 1.0)


def use(model):
    told = model.predict(numbers())
    return bool(told[100] < 0.1 and told[3900] > 0.9)


def close(model):
    pass
