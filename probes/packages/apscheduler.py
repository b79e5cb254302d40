"""APScheduler: runs functions at times, in a pool of threads; here at once."""

import threading

NAME = "apscheduler"
IMPORTS = ("apscheduler.schedulers.background",)
REQUIRES = ("apscheduler>=3.6,<4",)
STANCE = "unsafe"
SAYS = (
    "Processes cannot share a job store: run the scheduler in one of its own, and let the others tell it what to do "
    "(3.x)."
)
ADDRESS = "https://apscheduler.readthedocs.io/en/3.x/faq.html"
THREADS = (
    (
        "Add job from gunicorn worker, when scheduler runs in master-process",
        "https://github.com/agronholm/apscheduler/issues/218",
    ),
    (
        "gunicorn --preload task don't work",
        "https://github.com/viniciuschiele/flask-apscheduler/issues/87",
    ),
)


def make():
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start()
    return scheduler


def use(scheduler):
    done = threading.Event()
    scheduler.add_job(done.set)  # without a trigger: now
    return done.wait(2)


def close(scheduler):
    scheduler.shutdown()
