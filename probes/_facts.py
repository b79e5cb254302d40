"""Print the facts of this interpreter as one line of JSON. Standard library only, Python 3.8 and later.

Implementations and platforms lack one thing or another: a fact that cannot be told is null, and costs no other.
"""

import json
import os
import platform
import sys


def told(function):
    """What function() returns, None if it fails: PyPy on Windows knows no platform_version, GraalPy no os.confstr()."""
    try:
        return function()
    except Exception:
        return None


def methods():
    """(default method, listed methods, error), according to multiprocessing."""
    try:
        import multiprocessing

        listed = multiprocessing.get_all_start_methods()
        return multiprocessing.get_start_method(), listed, None
    except Exception as error:
        return None, [], "%s: %s" % (type(error).__name__, error)


def refused():
    """{method: the error} of the start methods for which there is no context: nothing can be asked under them."""
    errors = {}
    for method in ("fork", "spawn", "forkserver"):
        try:
            import multiprocessing

            multiprocessing.get_context(method)
        except ValueError as error:
            errors[method] = "%s: %s" % (type(error).__name__, error)
        except Exception:
            pass  # not a refusal of the method: each question shows what it means for it
    return errors


def libc():
    """(kind, version): ('gnu', 'glibc 2.36'), ('gnu', None), ('musl', 'musl'), or ('none', '')."""
    if not sys.platform.startswith("linux"):
        return "none", ""
    version = told(lambda: os.confstr("CS_GNU_LIBC_VERSION"))  # a name that only glibc knows
    if version:
        return "gnu", version
    build = "%s %s" % (told(lambda: config("HOST_GNU_TYPE")), told(lambda: config("SOABI")))
    loaded = told(loaded_files) or ""
    if "musl" in build or "/ld-musl-" in loaded:
        return "musl", "musl"
    return ("gnu", None) if "/ld-linux" in loaded or "/ld64.so" in loaded or "/libc.so.6" in loaded else ("none", "")


def loaded_files():
    """The files that this process has mapped, its dynamic loader among them."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        return file.read()


def config(name):
    """A variable of the build."""
    import sysconfig

    return sysconfig.get_config_var(name)


def wine():
    """The version of Wine when Windows is not Windows, else None."""
    if os.name != "nt":
        return None
    try:
        import ctypes

        get = ctypes.WinDLL("ntdll").wine_get_version
    except (ImportError, OSError, AttributeError):
        return None
    get.restype = ctypes.c_char_p
    return get().decode("ascii", "replace")


def machine():
    """The processor. On Windows that of the build: the environment tells an emulated program the real one."""
    if os.name == "nt":
        import sysconfig

        build = sysconfig.get_platform()
        built_for = {"win-amd64": "AMD64", "win-arm64": "ARM64", "win-arm32": "ARM", "win32": "x86"}
        return built_for.get(build) or os.environ.get("PROCESSOR_ARCHITECTURE", "")
    return platform.machine()


def markers():
    """The PEP 508 environment."""
    info = sys.implementation.version
    implementation_version = "%d.%d.%d" % info[:3]
    if info.releaselevel != "final":
        implementation_version += info.releaselevel[0] + str(info.serial)
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": implementation_version,
        "os_name": os.name,
        "platform_machine": told(machine) or "",
        "platform_python_implementation": told(platform.python_implementation) or "",
        "platform_release": "",  # names the kernel build of one machine: not a fact about Python
        "platform_system": "Windows" if os.name == "nt" else told(platform.system) or "",
        "platform_version": "",
        "python_full_version": platform.python_version().rstrip("+"),
        "python_version": "%d.%d" % sys.version_info[:2],
        "sys_platform": sys.platform,
    }


def operating_system():
    """A name that people know, without the machine's own: 'Debian GNU/Linux 12', 'Windows 11 build 26100'."""
    if sys.platform == "darwin":
        return "macOS " + platform.mac_ver()[0]
    if os.name == "nt":
        return windows(sys.getwindowsversion())
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    key, _, text = line.strip().partition("=")
                    if key == "PRETTY_NAME":
                        return text.strip("\"'")
        except OSError:
            continue
    return platform.system() or sys.platform


SERVERS = {14393: "2016", 17763: "2019", 20348: "2022", 26100: "2025"}  # the build of each release


def windows(version):
    """'Windows 11 build 26100', 'Windows Server 2025 build 26100', by the result of sys.getwindowsversion()."""
    major, _, build = getattr(version, "platform_version", None) or tuple(version)[:3]
    if version.product_type != 1:  # 1 is a workstation
        return " ".join(("Windows Server %s build %d" % (SERVERS.get(build, ""), build)).split())
    return "Windows %d build %d" % (11 if build >= 22000 else major, build)


def shared_memory():
    """Bytes of /dev/shm, None where there is none: containers have 64 MiB unless told otherwise."""
    if not sys.platform.startswith("linux"):
        return None
    status = os.statvfs("/dev/shm")
    return status.f_frsize * status.f_blocks


def facts():
    """All of it, as JSON data."""
    default, listed, error = methods()
    kind, libc_version = libc()
    gil = getattr(sys, "_is_gil_enabled", None)
    base = getattr(sys, "_base_executable", None) or sys.executable
    return {
        "implementation": sys.implementation.name,
        "version": "%d.%d.%d" % sys.version_info[:3]
        + ("" if sys.version_info[3] == "final" else sys.version_info[3][0] + str(sys.version_info[4])),
        "implementation_version": markers()["implementation_version"],
        "sys_platform": sys.platform,
        "os": told(operating_system),
        "libc": kind,
        "libc_version": libc_version,
        "shared_memory": told(shared_memory),
        "machine": told(machine) or "",
        "bits": sys.maxsize.bit_length() + 1,
        "byteorder": sys.byteorder,
        "gil": True if gil is None else gil(),
        "freethreaded": bool(told(lambda: config("Py_GIL_DISABLED"))),
        "debug": hasattr(sys, "gettotalrefcount"),
        "default_method": default,
        "methods": listed,
        "methods_error": error,
        "refused": refused(),
        "venv": sys.prefix != getattr(sys, "base_prefix", sys.prefix),
        "wine": told(wine),
        "compiler": told(platform.python_compiler),
        "markers": markers(),
        "library": told(lambda: os.path.dirname(os.__file__)),
        "executable": sys.executable,
        "base_executable": base,
    }


if __name__ == "__main__":
    print(json.dumps(facts()))
