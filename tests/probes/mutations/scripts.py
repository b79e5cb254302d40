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


def lost(probe: str) -> Mutation:
    """Python does not tell the child where the main script is."""
    code = (
        "    from multiprocessing import spawn\n    prepare = spawn.get_preparation_data\n"
        "    spawn.get_preparation_data = lambda name: {\n"
        '        key: value for key, value in prepare(name).items() if "init_main" not in key\n    }\n'
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
    lost("scripts.dash_m"),
    lost("scripts.no_suffix"),
    lost("scripts.odd_name"),
    lost("scripts.relative_path"),
    lost("scripts.run_path"),
)
