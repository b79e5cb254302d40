"""Small programs of our own, each after a kind of public bug report, and the questions that explain them.

A program is tried under spawn beside fork; what begins with `test_` is run by pytest. One of the questions must come
first for some finding; without a finding, for what fails under every method.
"""

from __future__ import annotations

from typing import NamedTuple


class Report(NamedTuple):
    """questions: any of these is right."""

    questions: tuple[str, ...]
    program: str


REPORTS = {
    "live_server": Report(  # flask-testing, pytest-flask, aiohttp: a server in a function that start() defines
        ("callables.nested_function",),
        """
        import multiprocessing
        class Server:
            def start(self):
                def serve(port): print("serving", port, flush=True)
                process = multiprocessing.Process(target=serve, args=(80,))
                process.start()
                process.join()
        if __name__ == "__main__": Server().start()
        """,
    ),
    "server_method": Report(  # servers that keep a threading.Event, which holds a lock
        ("objects.instance_with_lock", "callables.bound_method_with_lock"),
        """
        import multiprocessing, socketserver
        class Server:
            def __init__(self): self.server = socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
            def run(self): self.server.server_close()
        if __name__ == "__main__":
            process = multiprocessing.Process(target=Server().run)
            process.start()
            process.join()
        """,
    ),
    "global_of_main_block": Report(
        ("semantics.parent_global_seen",),
        """
        import multiprocessing, sys
        def check(text): print(converter(text), flush=True)
        if __name__ == "__main__":
            converter = str.upper
            process = multiprocessing.Process(target=check, args=("abc",))
            process.start()
            process.join()
            sys.exit(process.exitcode)
        """,
    ),
    "log_file_in_init": Report(
        ("arguments.text_file",),
        """
        import multiprocessing, os
        class Worker(multiprocessing.Process):
            def __init__(self):
                super().__init__()
                self.log = open(os.devnull, "w")
            def run(self): self.log.write("started")
        if __name__ == "__main__":
            worker = Worker()
            worker.start()
            worker.join()
        """,
    ),
    "progress_bar_in_task": Report(  # fails under fork too
        ("workers.file_in_task",),
        """
        import multiprocessing, sys
        class Bar:
            def __init__(self): self.file = sys.stderr
        def work(bar): bar.file.write(".")
        if __name__ == "__main__":
            with multiprocessing.Pool(1) as pool: pool.apply(work, (Bar(),))
        """,
    ),
    "counter_at_the_top": Report(
        ("sharing.lock_at_module_level",),
        """
        import multiprocessing
        counter = multiprocessing.Value("i", 0)
        def count():
            with counter.get_lock(): counter.value += 1
        if __name__ == "__main__":
            process = multiprocessing.Process(target=count)
            process.start()
            process.join()
            print("counted", counter.value)
        """,
    ),
    "queue_at_the_top": Report(
        ("sharing.lock_at_module_level",),
        """
        import multiprocessing
        results = multiprocessing.Queue()
        def work(): results.put(3)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=work)
            process.start()
            process.join()
            print(results.get(timeout=2))
        """,
    ),
    "manager_at_the_top": Report(
        ("guard.unguarded_manager",),
        """
        import multiprocessing
        shared = multiprocessing.Manager().dict()
        print(dict(shared))
        """,
    ),
    "signal_handler": Report(
        ("system.signal_handler", "signals.terminate_with_handler"),
        """
        import multiprocessing, signal, sys
        def stop(*_):
            print("clean up", flush=True)
            sys.exit(0)
        def work(ready):
            ready.set()
            signal.pause()
        if __name__ == "__main__":
            signal.signal(signal.SIGTERM, stop)
            ready = multiprocessing.Event()
            process = multiprocessing.Process(target=work, args=(ready,))
            process.start()
            ready.wait()
            process.terminate()
            process.join()
        """,
    ),
    "executor_lambda": Report(  # fails under fork too
        ("tasks.lambda_in_executor",),
        """
        import concurrent.futures
        if __name__ == "__main__":
            with concurrent.futures.ProcessPoolExecutor(1) as pool: print(pool.submit(lambda: 3).result())
        """,
    ),
    "data_set_with_transform": Report(
        ("callables.lambda_argument", "callables.lambda_target"),
        """
        import multiprocessing
        class Data:
            def __init__(self): self.transform = lambda x: x + 1
        def load(data): print(data.transform(1), flush=True)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=load, args=(Data(),))
            process.start()
            process.join()
        """,
    ),
    "timeout_decorator": Report(
        ("callables.decorated_function", "callables.nested_function"),
        """
        import functools, multiprocessing
        def timeout(function):
            @functools.wraps(function)
            def wrapper():
                def run(): function()
                process = multiprocessing.Process(target=run)
                process.start()
                process.join()
            return wrapper
        @timeout
        def work(): print("worked", flush=True)
        if __name__ == "__main__": work()
        """,
    ),
    "plugin_loaded_by_path": Report(
        ("callables.function_of_loaded_file",),
        """
        import importlib.util, multiprocessing, pathlib, sys, tempfile
        def load(folder):
            path = pathlib.Path(folder, "my_plugin.py")
            path.write_text("def run(): print('plugin', flush=True)")
            spec = importlib.util.spec_from_file_location("my_plugin", path)
            module = sys.modules["my_plugin"] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
        if __name__ == "__main__":
            with tempfile.TemporaryDirectory() as folder:
                process = multiprocessing.Process(target=load(folder).run)
                process.start()
                process.join()
        """,
    ),
    "settings_of_the_parent": Report(
        ("workers.early_global", "semantics.parent_global_seen"),
        """
        import concurrent.futures
        class ImproperlyConfigured(Exception): pass
        class Settings:
            values = None
            def get(self):
                if self.values is None: raise ImproperlyConfigured("settings are not configured")
                return self.values
        settings = Settings()
        def work(): return settings.get()
        if __name__ == "__main__":
            settings.values = 3
            with concurrent.futures.ProcessPoolExecutor(1) as pool: print(pool.submit(work).result())
        """,
    ),
    "lock_of_another_context": Report(  # fails under fork alone
        ("sharing.default_context_lock", "sharing.fork_context_lock"),
        """
        import multiprocessing
        def work(lock):
            with lock: print("locked", flush=True)
        if __name__ == "__main__":
            process = multiprocessing.get_context("spawn").Process(target=work, args=(multiprocessing.Lock(),))
            process.start()
            process.join()
        """,
    ),
    "pool_in_a_task": Report(  # fails under fork too
        ("pools.nested_pool",),
        """
        import multiprocessing
        def inner(n): return n
        def outer(n):
            with multiprocessing.Pool(1) as pool: return pool.map(inner, [n])
        if __name__ == "__main__":
            with multiprocessing.Pool(1) as pool: print(pool.map(outer, [1]))
        """,
    ),
    "marker_compared_by_identity": Report(
        ("semantics.sentinel_identity",),
        """
        import multiprocessing
        MISSING = object()
        def check(value): print("missing" if value is MISSING else "given", flush=True)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=check, args=(MISSING,))
            process.start()
            process.join()
        """,
    ),
    "port_kept_by_the_child": Report(
        ("inheritance.open_fds",),
        """
        import multiprocessing, socket
        def wait(end): end.recv()
        if __name__ == "__main__":
            server = socket.create_server(("127.0.0.1", 0))
            port = server.getsockname()[1]
            here, there = multiprocessing.Pipe()
            process = multiprocessing.Process(target=wait, args=(there,))
            process.start()
            server.close()
            again = socket.socket()
            try:
                again.bind(("127.0.0.1", port))
                print("bound again")
            except OSError as error: print("OSError:", error)
            here.send(1)
            process.join()
        """,
    ),
    "test_monkeypatch": Report(
        ("semantics.monkeypatch_seen",),
        """
        import multiprocessing, shutil, sys
        def look(): sys.exit(shutil.which("no-such-program") != "found")
        def test_look(monkeypatch):
            monkeypatch.setattr(shutil, "which", lambda name: "found")
            process = multiprocessing.Process(target=look)
            process.start()
            process.join()
            assert process.exitcode == 0
        """,
    ),
    "test_registry": Report(
        ("workers.early_global", "semantics.parent_global_seen"),
        """
        import multiprocessing, pytest
        HANDLERS = {}
        def handle(name): return HANDLERS[name]
        @pytest.fixture
        def registered(): HANDLERS["a"] = 1
        def test_pool(registered):
            with multiprocessing.Pool(1) as pool: assert pool.map(handle, ["a"]) == [1]
        """,
    ),
    "proxy_object": Report(
        ("classes.delegating_object",),
        """
        import multiprocessing
        class Proxy:
            def __init__(self, inner): self.inner = inner
            def __getattr__(self, name): return getattr(self.inner, name)
        def work(proxy): print(proxy.upper(), flush=True)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=work, args=(Proxy("abc"),))
            process.start()
            process.join()
        """,
    ),
    "cache_of_the_parent": Report(
        ("semantics.cache_seen",),
        """
        import functools, multiprocessing
        @functools.lru_cache
        def load(): print("loading", flush=True)
        if __name__ == "__main__":
            load()
            process = multiprocessing.Process(target=load)
            process.start()
            process.join()
        """,
    ),
    "log_listener": Report(
        ("threads.go_on",),
        """
        import logging, logging.handlers, multiprocessing, queue, sys
        def work(): logging.getLogger("x").warning("from the child")
        if __name__ == "__main__":
            records = queue.Queue()
            listener = logging.handlers.QueueListener(records, logging.StreamHandler(sys.stdout))
            listener.start()
            logging.getLogger().addHandler(logging.handlers.QueueHandler(records))
            process = multiprocessing.Process(target=work)
            process.start()
            process.join()
            listener.stop()
        """,
    ),
    "thread_pool_of_the_parent": Report(  # hangs under fork alone
        ("rawfork.thread_pool",),
        """
        import concurrent.futures, multiprocessing
        POOL = concurrent.futures.ThreadPoolExecutor(1)
        def fetch(n): print("fetched", POOL.submit(pow, n, 2).result(), flush=True)
        if __name__ == "__main__":
            fetch(2)
            process = multiprocessing.Process(target=fetch, args=(3,))
            process.start()
            process.join()
        """,
    ),
    "end_of_a_pipe": Report(  # hangs under fork alone
        ("safety.pipe_end",),
        """
        import multiprocessing
        def read(end):
            try:
                while True: end.recv()
            except EOFError: print("end seen", flush=True)
        if __name__ == "__main__":
            reader, writer = multiprocessing.Pipe(False)
            process = multiprocessing.Process(target=read, args=(reader,))
            process.start()
            reader.close()
            writer.close()
            process.join()
        """,
    ),
    "lock_for_the_pool": Report(
        (
            "tasks.pool_initializer",
            "arguments.threading_rlock",
            "objects.instance_with_lock",
            "arguments.threading_lock",
        ),
        """
        import multiprocessing, threading
        def keep(lock): globals()["lock"] = lock
        def work(n):
            with lock: return n
        if __name__ == "__main__":
            pool = multiprocessing.Pool(1, initializer=keep, initargs=(threading.RLock(),))
            print(pool.map(work, [1]))
            pool.terminate()
        """,
    ),
    "list_extended_by_arguments": Report(
        ("semantics.parent_global_seen", "workers.early_global"),
        """
        import concurrent.futures, sys
        EXCLUDED = ["build/"]
        def wanted(path): return not path.startswith(tuple(EXCLUDED))
        def main(arguments):
            EXCLUDED.extend(arguments)
            with concurrent.futures.ProcessPoolExecutor(1) as pool: print([*pool.map(wanted, ["src/a", ".pc/a"])])
        if __name__ == "__main__": main([".pc/"])
        """,
    ),
    "banner_at_the_top": Report(
        ("guard.main_again",),
        """
        import multiprocessing
        print("server starts", flush=True)
        def work(n): return n
        if __name__ == "__main__":
            with multiprocessing.Pool(1) as pool: print(pool.map(work, [1]))
        """,
    ),
    "options_under_the_guard": Report(
        ("workers.early_global", "semantics.parent_global_seen"),
        """
        import concurrent.futures
        def run(module): return module, options["debug"]
        if __name__ == "__main__":
            options = {"debug": True}
            with concurrent.futures.ProcessPoolExecutor(1) as pool: print(pool.submit(run, "feed").result())
        """,
    ),
    "environments_of_lambdas": Report(
        ("callables.lambda_argument", "callables.nested_function"),
        """
        import multiprocessing
        class Env:
            def __init__(self, seed): self.seed = seed
        def serve(remote, make): remote.send(make().seed)
        if __name__ == "__main__":
            here, there = multiprocessing.Pipe()
            process = multiprocessing.Process(target=serve, args=(there, lambda: Env(3)))
            process.start()
            print(here.recv())
            process.join()
        """,
    ),
    "module_in_a_runner": Report(
        ("objects.module",),
        """
        import json, multiprocessing
        class Runner:
            def __init__(self): self.format = json
            def work(self): print(self.format.dumps([1]), flush=True)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=Runner().work)
            process.start()
            process.join()
        """,
    ),
    "input_passed_on": Report(
        ("arguments.text_file",),
        """
        import multiprocessing, os, sys
        def build(stream): print("built", stream.read(), flush=True)
        if __name__ == "__main__":
            stream = os.fdopen(os.dup(sys.stdin.fileno()))
            process = multiprocessing.Process(target=build, args=(stream,))
            process.start()
            process.join()
            sys.exit(process.exitcode)
        """,
    ),
    "server_with_a_loop": Report(
        ("objects.weak_reference",),
        """
        import asyncio, multiprocessing
        class Server:
            def __init__(self): self.loop = asyncio.new_event_loop()
            def run(self): print("running", flush=True)
        if __name__ == "__main__":
            server = Server()
            process = multiprocessing.Process(target=server.run)
            process.start()
            process.join()
            server.loop.close()
        """,
    ),
    "own_log_handler": Report(
        ("handles.log_handler", "objects.instance_with_lock", "arguments.threading_rlock"),
        """
        import logging, multiprocessing
        class Worker(multiprocessing.Process):
            def __init__(self):
                super().__init__()
                self.handler = logging.StreamHandler()
            def run(self): print("run", flush=True)
        if __name__ == "__main__":
            worker = Worker()
            worker.start()
            worker.join()
        """,
    ),
    "request_id_in_a_context": Report(
        ("state.context_variable",),
        """
        import contextvars, multiprocessing
        request = contextvars.ContextVar("request", default="none")
        def work(): print("request", request.get(), flush=True)
        if __name__ == "__main__":
            request.set("abc")
            process = multiprocessing.Process(target=work)
            process.start()
            process.join()
        """,
    ),
    "precision_of_the_parent": Report(
        ("state.decimal_precision",),
        """
        import decimal, multiprocessing
        def work(): print(decimal.Decimal(1) / 7, flush=True)
        if __name__ == "__main__":
            decimal.getcontext().prec = 5
            process = multiprocessing.Process(target=work)
            process.start()
            process.join()
        """,
    ),
    "connection_in_a_global": Report(
        ("semantics.parent_global_seen", "workers.early_global"),
        """
        import multiprocessing, sqlite3
        connection = None
        def count(): print(connection.execute("select 3").fetchone(), flush=True)
        if __name__ == "__main__":
            connection = sqlite3.connect(":memory:")
            process = multiprocessing.Process(target=count)
            process.start()
            process.join()
            raise SystemExit(process.exitcode)
        """,
    ),
    "connection_as_argument": Report(
        ("resources.sqlite_connection",),
        """
        import multiprocessing, sqlite3
        def count(connection): print(connection.execute("select 3").fetchone(), flush=True)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=count, args=(sqlite3.connect(":memory:"),))
            process.start()
            process.join()
        """,
    ),
    "instance_kept_by_its_class": Report(
        ("semantics.class_attribute_seen", "semantics.parent_global_seen"),
        """
        import multiprocessing
        class Registry:
            instance = None
        def work(): print("same" if Registry.instance else "a new one", flush=True)
        if __name__ == "__main__":
            Registry.instance = Registry()
            process = multiprocessing.Process(target=work)
            process.start()
            process.join()
        """,
    ),
    "weak_cache": Report(
        ("kinds.weak_dictionary",),
        """
        import multiprocessing, weakref
        class Item: pass
        def work(cache): print(len(cache), flush=True)
        if __name__ == "__main__":
            item = Item()
            process = multiprocessing.Process(target=work, args=(weakref.WeakValueDictionary(a=item),))
            process.start()
            process.join()
        """,
    ),
    "generator_as_argument": Report(
        ("objects.generator",),
        """
        import multiprocessing
        def work(lines): print(sum(lines), flush=True)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=work, args=((n for n in range(3)),))
            process.start()
            process.join()
        """,
    ),
    "client_with_a_thread_pool": Report(
        ("handles.thread_pool",),
        """
        import concurrent.futures, multiprocessing
        class Client:
            def __init__(self): self.pool = concurrent.futures.ThreadPoolExecutor(1)
            def send(self): print("sent", flush=True)
        if __name__ == "__main__":
            client = Client()
            client.pool.submit(print, "warm").result()
            process = multiprocessing.Process(target=client.send)
            process.start()
            process.join()
        """,
    ),
    "tls_settings": Report(
        ("handles.ssl_context",),
        """
        import multiprocessing, ssl
        def work(context): print(context.verify_mode, flush=True)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=work, args=(ssl.create_default_context(),))
            process.start()
            process.join()
        """,
    ),
    "anonymous_memory": Report(
        ("resources.anonymous_map",),
        """
        import mmap, multiprocessing
        def work(memory): memory[0] = 1
        if __name__ == "__main__":
            memory = mmap.mmap(-1, 10)
            process = multiprocessing.Process(target=work, args=(memory,))
            process.start()
            process.join()
            print(memory[0])
        """,
    ),
    "deep_recursion": Report(
        ("state.recursion_limit",),
        """
        import multiprocessing, sys
        def depth(n): return depth(n - 1) if n else "deep enough"
        def work(): print(depth(3000), flush=True)
        if __name__ == "__main__":
            sys.setrecursionlimit(10000)
            process = multiprocessing.Process(target=work)
            process.start()
            process.join()
            sys.exit(process.exitcode)
        """,
    ),
    "registered_late": Report(
        ("semantics.parent_global_seen", "hooks.registered_reducer", "workers.early_global"),
        """
        import functools, multiprocessing
        @functools.singledispatch
        def show(value): return "unknown"
        def work(): print(show(1), flush=True)
        if __name__ == "__main__":
            show.register(int, lambda value: "a number")
            process = multiprocessing.Process(target=work)
            process.start()
            process.join()
        """,
    ),
    "test_shared_temporary_folder": Report(
        ("semantics.parent_global_seen", "semantics.monkeypatch_seen", "workers.early_global"),
        """
        import multiprocessing
        FOLDER = None
        def write():
            with open(f"{FOLDER}/out", "w") as file: file.write("x")
        def test_write(tmp_path, monkeypatch):
            monkeypatch.setattr(__import__(__name__), "FOLDER", str(tmp_path))
            process = multiprocessing.Process(target=write)
            process.start()
            process.join()
            assert (tmp_path / "out").exists()
        """,
    ),
    "queue_for_threads": Report(
        ("library.thread_queue",),
        """
        import multiprocessing, queue
        class Trainer:
            def train(self, predictor, result): result.put(("model", predictor))
        def main():
            predictors = ["cpu", "memory"]
            results = queue.Queue()
            processes = [multiprocessing.Process(target=Trainer().train, args=(one, results)) for one in predictors]
            for process in processes: process.start()
            for process in processes: process.join()
        if __name__ == "__main__": main()
        """,
    ),
    "own_generator": Report(
        (
            "pooled.random_numbers",
            "state.random_instance",
        ),
        """
        import random
        from concurrent.futures import ProcessPoolExecutor
        import multiprocessing
        rng = random.Random()
        def shapley(_, barrier=None):
            gate.wait()
            return rng.random()
        def prepare(barrier):
            global gate
            gate = barrier
        if __name__ == "__main__":
            barrier = multiprocessing.Barrier(3)
            with ProcessPoolExecutor(3, initializer=prepare, initargs=(barrier,)) as pool:
                samples = list(pool.map(shapley, range(3)))
            print("distinct samples:", len(set(samples)))
        """,
    ),
    "settings_for_spawn_only": Report(
        (
            "semantics.parent_global_seen",
            "workers.early_global",
        ),
        """
        import multiprocessing as mp
        from concurrent import futures
        from pathlib import Path
        class _Internal:
            run_root_dir = None
            student_dir = None
        internal = _Internal()
        def run_check(name):
            return str(internal.run_root_dir / name)
        def run():
            internal.run_root_dir = Path("checks")
            internal.student_dir = Path("student")
            with futures.ProcessPoolExecutor(max_workers=2) as executor:
                for found in executor.map(run_check, ["exists", "compiles"]): print(found)
        if __name__ == "__main__": run()
        """,
    ),
    "exit_event_in_handler": Report(
        (
            "system.signal_handler",
            "signals.terminate_with_handler",
        ),
        """
        import multiprocessing, signal, time
        def serve(ready):
            ready.set()
            for _ in range(60): time.sleep(0.05)
        if __name__ == "__main__":
            stop = multiprocessing.Event()
            def keep(signum, frame):
                print("asked to stop", flush=True)
                stop.set()
            signal.signal(signal.SIGTERM, keep)
            ready = multiprocessing.Event()
            server = multiprocessing.Process(target=serve, args=(ready,))
            server.start()
            ready.wait()
            server.terminate()
            server.join()
            print("device server ended with", server.exitcode)
        """,
    ),
    "zip_opened_before": Report(
        ("inheritance.shared_offset",),
        """
        import multiprocessing, os, sys, tempfile
        path = os.path.join(tempfile.gettempdir(), "samples.txt")
        def open_data():
            with open(path, "w") as file: file.writelines("sample %04d\\n" % n for n in range(3))
            return open(path, "rb", buffering=0)
        data = open_data()
        def worker(): print("worker reads", data.read(12).decode().strip(), flush=True)
        if __name__ == "__main__":
            process = multiprocessing.Process(target=worker)
            process.start()
            process.join()
            print("parent reads", data.read(12).decode().strip())
        """,
    ),
    "reporter_thread": Report(
        ("threads.go_on",),
        """
        import multiprocessing, queue, threading
        class Reporter:
            def __init__(self):
                self.events = queue.Queue()
                threading.Thread(target=self.deliver, daemon=True).start()
            def deliver(self):
                while True:
                    print("delivered", self.events.get(), flush=True)
                    self.events.task_done()
            def send(self, event): self.events.put(event)
            def flush(self):
                with self.events.all_tasks_done:
                    self.events.all_tasks_done.wait_for(lambda: not self.events.unfinished_tasks, 1)
        reporter = Reporter()
        def job(name):
            reporter.send(name)
            reporter.flush()
        if __name__ == "__main__":
            reporter.send("begin")
            reporter.flush()
            process = multiprocessing.Process(target=job, args=("job-1",))
            process.start()
            process.join()
        """,
    ),
    "test_method_of_a_case": Report(
        ("callables.bound_method_with_lock",),
        """
        import multiprocessing, unittest
        class KeepAliveTest(unittest.TestCase):
            def setUp(self):
                self.ready = multiprocessing.Event()
                self.server = multiprocessing.Process(target=self.serve)
                self.server.start()
            def serve(self): self.ready.set()
            def tearDown(self): self.server.join()
            def test_ready(self): self.assertTrue(self.ready.wait(5))
        """,
    ),
    "started_process_kept": Report(
        ("subclasses.started_process",),
        """
        import multiprocessing
        class Supervisor:
            def __init__(self): self.workers = []
            def run(self, number): print("worker", number, flush=True)
            def start(self):
                for number in range(2):
                    self.workers.append(multiprocessing.Process(target=self.run, args=(number,)))
                    self.workers[-1].start()
                    self.workers[-1].join()
        if __name__ == "__main__": Supervisor().start()
        """,
    ),
    "reactor_has_run": Report(
        ("semantics.parent_global_seen",),
        """
        import multiprocessing
        class Reactor:
            started = False
            def run(self):
                if self.started: raise RuntimeError("it cannot run again")
                self.started = True
        reactor = Reactor()
        def crawl(name, result):
            try:
                reactor.run()
                result.put("crawled " + name)
            except Exception as error: result.put(repr(error))
        if __name__ == "__main__":
            reactor.run()
            result = multiprocessing.SimpleQueue()
            process = multiprocessing.Process(target=crawl, args=("quotes", result))
            process.start()
            print(result.get())
            process.join()
        """,
    ),
    "context_of_the_thread": Report(  # fails in the child under fork alone
        ("state.thread_local",),
        """
        import multiprocessing, threading
        class _Local(threading.local):
            def __init__(self): self.context = None
        _state = _Local()
        class Context:
            def __enter__(self):
                if _state.context: raise RuntimeError("Context is already created for this thread.")
                _state.context = self
            def __exit__(self, *_): _state.context = None
        def task():
            with Context(): print("stored", flush=True)
        if __name__ == "__main__":
            with Context():
                process = multiprocessing.Process(target=task)
                process.start()
                process.join()
        """,
    ),
    "plugin_of_a_linter": Report(
        ("tasks.executor_initializer",),
        """
        import concurrent.futures
        checkers = []
        def prepare(given): checkers.extend(given)
        def check(name): return [one(name) for one in checkers]
        if __name__ == "__main__":
            plugins = [lambda name: name.isupper()]
            with concurrent.futures.ProcessPoolExecutor(1, initializer=prepare, initargs=(plugins,)) as pool:
                print([*pool.map(check, ["a", "B"])])
        """,
    ),
    "block_made_by_a_child": Report(
        ("helpers.same_tracker", "tracker.created_by_child"),
        """
        import multiprocessing
        from multiprocessing import shared_memory
        def make(queue):
            block = shared_memory.SharedMemory(create=True, size=16)
            queue.put(block.name)
            block.close()
        if __name__ == "__main__":
            queue = multiprocessing.SimpleQueue()
            process = multiprocessing.Process(target=make, args=(queue,))
            process.start()
            name = queue.get()
            process.join()
            try:
                block = shared_memory.SharedMemory(name=name)
                print("there", block.buf[0])
                block.close()
                block.unlink()
            except FileNotFoundError as error: print("gone", error)
        """,
    ),
    "numbers_of_jobs": Report(
        ("semantics.parent_global_seen",),
        """
        import itertools, multiprocessing
        _numbers = itertools.count(1)
        class Job:
            def __init__(self): self.number = next(_numbers)
        def run(queue): queue.put(Job().number)
        if __name__ == "__main__":
            first = Job()
            queue = multiprocessing.Queue()
            process = multiprocessing.Process(target=run, args=(queue,))
            process.start()
            print("jobs", first.number, queue.get())
            process.join()
        """,
    ),
    "coverage_by_trace": Report(
        ("state.trace_function",),
        """
        import multiprocessing, sys
        seen = set()
        def tracer(frame, event, arg):
            if frame.f_code.co_filename == __file__: seen.add(frame.f_code.co_name)
            return None
        def deep(): return 1
        def child(queue):
            deep()
            queue.put("deep" in seen)
        if __name__ == "__main__":
            sys.settrace(tracer)
            queue = multiprocessing.SimpleQueue()
            process = multiprocessing.Process(target=child, args=(queue,))
            process.start()
            covered = queue.get()
            process.join()
            sys.settrace(None)
            print("covered in child:", covered)
        """,
    ),
    "queue_with_attributes": Report(  # a queue's own __getstate__ does not know what a subclass adds
        ("passing.getstate_calls",),
        """
        import multiprocessing, multiprocessing.queues, sys
        class Counted(multiprocessing.queues.Queue):
            def __init__(self):
                super().__init__(0, ctx=multiprocessing.get_context())
                self.limits = {"open": 1}
        def work(queue): queue.limits["open"] -= 1
        if __name__ == "__main__":
            queue = Counted()
            process = multiprocessing.Process(target=work, args=(queue,))
            process.start()
            process.join()
            sys.exit(process.exitcode)
        """,
    ),
    "folder_that_is_none": Report(  # the worker's error is shown twice, the second time from the parent
        ("semantics.parent_global_seen", "workers.early_global"),
        """
        import concurrent.futures, os, tempfile
        folder = None
        def prepare():
            global folder
            folder = tempfile.gettempdir()
        def name_of(number): return os.path.basename(os.path.join(folder, str(number)))
        if __name__ == "__main__":
            prepare()
            with concurrent.futures.ProcessPoolExecutor(1) as pool: print(list(pool.map(name_of, range(2))))
        """,
    ),
    "test_double_of_chdir": Report(  # the real function fails in the child for want of the file
        ("semantics.monkeypatch_seen",),
        """
        import multiprocessing, os
        from unittest import mock
        def work(path, connection):
            os.chdir(path)
            connection.send(os.getcwd())
        def run_in(path):
            here, there = multiprocessing.Pipe()
            child = multiprocessing.Process(target=work, args=(path, there))
            child.start()
            child.join()
            return here.recv() if here.poll(1) else None
        def test_run_in():
            with mock.patch("os.chdir"): assert run_in("/nonexistent") == os.getcwd()
        """,
    ),
    "cache_folder_at_the_top": Report(
        ("guard.main_values",),
        """
        import multiprocessing, os, tempfile
        CACHE = tempfile.mkdtemp()
        def load(name):
            with open(os.path.join(CACHE, name)) as file: return file.read()
        if __name__ == "__main__":
            with open(os.path.join(CACHE, "a"), "w") as file: file.write("cached")
            with multiprocessing.Pool(1) as pool: print(pool.map(load, ["a"]))
        """,
    ),
    "terminated_by_a_handler": Report(
        ("system.signal_handler",),
        """
        import multiprocessing, signal, sys, time
        def stop(number, frame):
            print("stopping", flush=True)
            sys.exit(0)
        def work(connection):
            connection.send("ready")
            time.sleep(30)
        if __name__ == "__main__":
            signal.signal(signal.SIGTERM, stop)
            here, there = multiprocessing.Pipe()
            process = multiprocessing.Process(target=work, args=(there,))
            process.start()
            here.recv()
            process.terminate()
            process.join()
            print("exit code", process.exitcode)
        """,
    ),
}
