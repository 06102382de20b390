"""Whatever a file holds, loading a project gives a project or a ProjectError."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permeant.config import Project, load_project
from permeant.errors import ProjectError

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
WORDS = st.sampled_from(
    [
        *("cell", "file", "bath", "temperature_c", "epoch", "subtract", "exclude", "zeroed_in"),
        *("solution", "Na", "Cl", "note", "absorbed_by", "c1", "a.abf", "ACSF", "22", "22,5", "-1"),
        *("1e400", "nan", "ä", "\u2212", "..", "/", "yes", "A", "", " ", '"', "{", "}", "[", "]"),
        *("quality:", "permeability:", "permeant:", "ions:", "valence:", "defaults:", "protocols:"),
        *(
            "\n",
            "\r",
            "\t",
            ",",
            ";",
            ": ",
            "  ",
            "- ",
            "&a ",
            "*a",
            "!!x ",
            "<<: ",
            "? ",
            "| ",
            "~",
        ),
        *("0x" + "f" * 5000, "1:30", "2024-13-01", "\x00", "\ufeff", "%", "sep=", "output:"),
    ]
)
TEXT = st.one_of(st.text(), st.lists(WORDS, max_size=40).map("".join)).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
CONTENT = st.one_of(st.binary(), TEXT)
TREE = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from([10**400])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(), st.integers(), st.booleans()), inner, max_size=3),
    ),
    max_leaves=8,
)
SECTIONS = st.sampled_from(
    [
        *("recordings", "solutions", "output", "defaults", "protocols", "ions", "steady_state"),
        *("corrections", "fit", "permeability", "quality", "report", "batch_size", "other"),
    ]
)
KEYS = st.sampled_from(
    [
        *("permeant", "fixed", "reference", "temperature_c", "epoch", "valence", "holding_mv"),
        *("epochs", "Na", "mains_hz", "leak", "measure", "title", "current_channel", "bath"),
    ]
)
CONFIG = st.dictionaries(
    SECTIONS, st.one_of(TREE, st.dictionaries(KEYS, TREE, max_size=4)), max_size=5
)


def load(config: object = None, **files: bytes) -> Project | ProjectError:
    """Load a sound project in which some files are replaced, ``yaml`` for config.yaml.

    Returns the project or the refusal; any other exception is a fault and goes on.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "config").mkdir()
        (folder / "config/recordings.csv").write_text("cell,file,bath\nc1,a.abf,ACSF\n")
        (folder / "config/solutions.csv").write_text("solution,Na,Cl\nACSF,150,150\n")
        for file, content in files.items():
            name = "config.yaml" if file == "yaml" else f"{file}.csv"
            (folder / "config" / name).write_bytes(content)
        try:
            return load_project(folder, config)  # type: ignore[arg-type]
        except ProjectError as refusal:
            return refusal


@QUICK
@given(CONTENT)
def test_any_sheet(content):
    assert isinstance(load(recordings=content), (Project, ProjectError))


@QUICK
@given(st.lists(st.lists(WORDS, min_size=4, max_size=4), max_size=6))
def test_any_fields_under_a_good_header(rows):
    lines = [",".join(word.replace(",", "").replace('"', "") for word in row) for row in rows]
    sheet = "\n".join(["cell,file,subtract,temperature_c", *lines])
    assert isinstance(load(recordings=sheet.encode()), (Project, ProjectError))


@QUICK
@given(CONTENT)
def test_any_solutions(content):
    assert isinstance(load(solutions=content), (Project, ProjectError))


@QUICK
@given(CONTENT)
def test_any_yaml(content):
    assert isinstance(load(yaml=content), (Project, ProjectError))


@QUICK
@given(CONFIG)
def test_any_mapping(config):
    assert isinstance(load(config), (Project, ProjectError))
