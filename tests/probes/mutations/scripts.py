"""Alterations of what the probes of scripts observe."""

from tests.probes.mutation import Mutation, child

FILE = "assets/guard_guarded.py"
GUARD = '\nif __name__ == "__main__":\n'
WORK = 'target=work, args=(os.environ["CANIFORK_REPORT"],)'
IMPORTABLE = 'target=Path(os.environ["CANIFORK_REPORT"]).write_text, args=("child\\n",)'


def found(probe: str) -> Mutation:
    """The child needs nothing of the main script, and Python tells it nothing of that."""
    start = "    process = ctx.Process("
    new = (
        "    from multiprocessing import spawn\n    from pathlib import Path\n"
        "    spawn.get_preparation_data = lambda name: {}\n"
    )
    return child(probe, "spawn", start + WORK, new + start + IMPORTABLE, "no > yes", file=FILE)


def told(probe: str, main: str) -> Mutation:
    """Python tells the child another name or path of the main script."""
    code = (
        "    from multiprocessing import spawn\n    prepare = spawn.get_preparation_data\n"
        "    spawn.get_preparation_data = lambda name: {\n"
        f"        key: {main} if 'init_main' in key else value for key, value in prepare(name).items()\n    }}\n"
    )
    return child(probe, "spawn", GUARD, GUARD + code, "yes > no", file=FILE)


MUTATIONS = (
    found("scripts.dash_c"),
    found("scripts.dash_m_package"),
    found("scripts.deleted_script"),
    found("scripts.folder"),
    found("scripts.from_stdin"),
    found("scripts.interactive"),
    found("scripts.zip_application"),
    told("scripts.dash_m", "'os'"),
    told("scripts.no_suffix", "value + '.py'"),
    told("scripts.odd_name", "value.replace('-', '_')"),
    told("scripts.relative_path", "os.path.basename(value)"),
    told("scripts.run_path", "__import__('runpy').__file__"),
)
