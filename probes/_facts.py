"""Say what this interpreter is, as one line of JSON. Standard library only, Python 3.8 and later."""

import json
import os
import platform
import sys


def methods():
    """(default method, listed methods, error): what multiprocessing says of itself."""
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
    """(kind, version): ('gnu', 'glibc 2.36'), ('musl', 'musl'), or ('none', '')."""
    if not sys.platform.startswith("linux"):
        return "none", ""
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
        if version:
            return "gnu", version
    except (AttributeError, OSError, ValueError):
        pass  # a name that only glibc knows
    import sysconfig

    build = "%s %s" % (sysconfig.get_config_var("HOST_GNU_TYPE"), sysconfig.get_config_var("SOABI"))
    return ("musl", "musl") if "musl" in build else ("none", "")


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
    """The processor. On Windows the environment says it, without the queries that platform makes there."""
    if os.name == "nt":
        return os.environ.get("PROCESSOR_ARCHITEW6432") or os.environ.get("PROCESSOR_ARCHITECTURE", "")
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
        "platform_machine": machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": "",  # names the kernel build of one machine: not a fact about Python
        "platform_system": "Windows" if os.name == "nt" else platform.system(),
        "platform_version": "",
        "python_full_version": platform.python_version().rstrip("+"),
        "python_version": "%d.%d" % sys.version_info[:2],
        "sys_platform": sys.platform,
    }


def operating_system():
    """A name a person knows, without the machine's own: 'Debian GNU/Linux 12', 'macOS 14.5', 'Windows 10'."""
    if sys.platform == "darwin":
        return "macOS " + platform.mac_ver()[0]
    if os.name == "nt":
        version = sys.getwindowsversion().platform_version
        return "Windows %d build %d" % (11 if version[2] >= 22000 else version[0], version[2])
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


def facts():
    """All of it, as JSON data."""
    default, listed, error = methods()
    kind, libc_version = libc()
    gil = getattr(sys, "_is_gil_enabled", None)
    import sysconfig

    base = getattr(sys, "_base_executable", None) or sys.executable
    return {
        "implementation": sys.implementation.name,
        "version": "%d.%d.%d" % sys.version_info[:3]
        + ("" if sys.version_info[3] == "final" else sys.version_info[3][0] + str(sys.version_info[4])),
        "implementation_version": markers()["implementation_version"],
        "sys_platform": sys.platform,
        "os": operating_system(),
        "libc": kind,
        "libc_version": libc_version,
        "machine": machine(),
        "bits": sys.maxsize.bit_length() + 1,
        "byteorder": sys.byteorder,
        "gil": True if gil is None else gil(),
        "freethreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "debug": hasattr(sys, "gettotalrefcount"),
        "default_method": default,
        "methods": listed,
        "methods_error": error,
        "refused": refused(),
        "venv": sys.prefix != getattr(sys, "base_prefix", sys.prefix),
        "wine": wine(),
        "compiler": platform.python_compiler(),
        "markers": markers(),
        "library": os.path.dirname(os.__file__),
        "executable": sys.executable,
        "base_executable": base,
    }


if __name__ == "__main__":
    print(json.dumps(facts()))
