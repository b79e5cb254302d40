"""How is a block of shared memory made, filled, used up and removed?"""

import os

from _blocks import end_block, exists, own_name, remove, shared_memory
from _probe import describe, main, no, question, yes

REFERENCE = "https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory."


@question(
    "Is a new SharedMemory block filled with zeros?",
    why="Counters and flags in it can then be used without initialization. 4096 bytes are checked.",
    do="Nothing if yes, but Python's documentation does not promise it.",
    source=REFERENCE + "SharedMemory",
    methods=(),
    asked=("Is shared memory initialised?", "SharedMemory initial content"),
)
def zeros():
    block = shared_memory()(create=True, size=4096)
    try:
        filled = bytes(block.buf).count(0) == len(block.buf)
    finally:
        end_block(block)
    return yes() if filled else no("there is something else in it")


@question(
    "Does SharedMemory(name, create=True) raise when a block of that name exists?",
    why="A program that died without unlink() leaves its block behind, and the next run fails on it.",
    do="Catch FileExistsError, attach, unlink() and create it again; or let Python choose the name.",
    source=REFERENCE + "SharedMemory",
    documented={"*": "yes"},
    methods=(),
    asked=("FileExistsError: [Errno 17] File exists: '/shm_name'", "shared memory already exists after crash"),
)
def name_taken():
    name = own_name("t")
    remove(name)
    block = shared_memory()(name, create=True, size=16)
    try:
        shared_memory()(name, create=True, size=16).close()
    except FileExistsError:
        return yes("FileExistsError")
    finally:
        end_block(block)
    return no("it returns")


@question(
    "Does SharedMemory(create=True, size=0) raise?",
    why="Sizes are often computed, and an empty array has size 0. ('cannot mmap an empty file' also comes from "
    "attaching to a block that its creator has made but not yet sized: wait for a word from the creator.)",
    do="Use max(size, 1).",
    source=REFERENCE + "SharedMemory",
    methods=(),
    asked=("ValueError: 'size' must be a positive number different from zero", "ValueError: cannot mmap an empty file"),
)
def size_zero():
    try:
        block = shared_memory()(create=True, size=0)
    except (ValueError, OSError) as error:
        return yes(describe(error))
    end_block(block)
    return no("it returns")


@question(
    "Can an attached SharedMemory block be used after unlink()?",
    why="On POSIX only the name is removed; the memory stays until the last process closes it, so the creator may "
    "unlink early. On Windows unlink() does nothing.",
    do="Call unlink() as soon as everybody has attached, and close() in every process.",
    source=REFERENCE + "SharedMemory.unlink",
    documented={'sys_platform == "win32"': "yes"},
    methods=(),
    asked=("use shared memory after unlink", "when to call close and unlink"),
)
def used_after_unlink():
    block = shared_memory()(create=True, size=16)
    try:
        other = shared_memory()(block.name)
        block.unlink()
        block.buf[:3] = b"one"
        seen = bytes(other.buf[:3])
        other.close()
    finally:
        end_block(block)
    return yes() if seen == b"one" else no("the other sees %r" % seen)


@question(
    "Does a second unlink() of a block raise?",
    why="Where both a child and its parent clean up, one of them comes second.",
    do="Let one process call unlink(), or catch FileNotFoundError.",
    source=REFERENCE + "SharedMemory.unlink",
    documented={'sys_platform == "win32"': "no"},
    methods=(),
    asked=("FileNotFoundError in SharedMemory.unlink", "KeyError: '/psm_ in resource_tracker"),
    wanted="either",
)
def second_unlink():
    block = shared_memory()(create=True, size=16)
    block.close()
    block.unlink()
    try:
        block.unlink()
    except FileNotFoundError as error:
        from errno import ENOENT

        return yes("FileNotFoundError" if error.errno == ENOENT else describe(error))
    return no("it returns")


@question(
    "Can block.buf be used after its SharedMemory object was garbage collected?",
    why="The object closes the block when it is collected, and block.buf with it: a function that returns only "
    "block.buf returns what cannot be used. An array made over block.buf is not tested.",
    do="Keep the SharedMemory object as long as anything uses its buffer.",
    source=REFERENCE + "SharedMemory.close",
    methods=(),
    asked=("ValueError: operation forbidden on released memoryview object", "numpy array over shared memory segfault"),
)
def buffer_after_object():
    import gc

    name = own_name("b")
    remove(name)
    block = shared_memory()(name, create=True, size=16)
    buffer = block.buf
    del block
    for _ in range(3):  # PyPy deletes at a collection, and not always at the first
        gc.collect()
    try:
        buffer[:3] = b"one"
        seen = bytes(buffer[:3])
        buffer.release()
    except ValueError as error:
        return no(describe(error))
    finally:
        left = shared_memory()(name) if os.name != "nt" else None
        if left:
            end_block(left)
    if seen != b"one":
        raise RuntimeError("it holds %r" % seen)
    return yes()


@question(
    "Can an item of a ShareableList be replaced by a string that is longer than its slot?",
    why="The slot of an item keeps the size of its first value, rounded up to a multiple of eight bytes. Here 21 "
    "characters are put into the slot of 5 letters.",
    do="Start with strings that are long enough, or use a Manager's list.",
    source=REFERENCE + "ShareableList",
    documented={"*": "no"},
    methods=(),
    asked=("ValueError: bytes/str item exceeds available storage",),
)
def longer_item():
    shared_memory()
    from multiprocessing.shared_memory import ShareableList

    items = ShareableList(["short"])
    try:
        items[0] = "a text that is longer"
        seen = items[0]
    except ValueError as error:
        return no(describe(error))
    finally:
        end_block(items.shm)
    if seen != "a text that is longer":
        raise RuntimeError("it is %r" % seen)
    return yes()


@question(
    "Does SharedMemory reject a name that contains a NUL character?",
    why="In C the name ends there: two names that are equal up to it would be the same block.",
    do="Let Python choose the name, or check names that you build from other data.",
    source="https://docs.python.org/3.13/whatsnew/changelog.html#python-3-13-0-alpha-5",
    documented={'python_version >= "3.13" and implementation_name == "cpython"': "yes"},
    methods=(),
    asked=("ValueError: embedded null character", "null byte in shared memory name"),
)
def nul_in_name():
    name = own_name("n")
    remove(name)
    try:
        block = shared_memory()(name + "\0end", create=True, size=16)
    except ValueError as error:
        return yes(describe(error))
    try:
        cut = exists(name)
    finally:
        end_block(block)
    if not cut:
        raise RuntimeError("no ValueError, and no block of the shorter name")
    return no("the name ends there")


if __name__ == "__main__":
    main()
