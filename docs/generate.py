# ruff: noqa: INP001 -- a script beside the pages it writes, not a package
"""Write the pages of docs/ that say what the code says: run ``make docs`` after a change of either.

:func:`pages` lists them. What is written by hand stands in docs/source/, with ``{marks}`` where the code fills in.
"""

from __future__ import annotations

import ast
import inspect
import json
import runpy
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml

from domain.application.lifecycle import TRANSITIONS, Restored
from domain.application.nomination import COLUMNS, DocumentKind
from domain.application.reasons import MEANING as REASON
from domain.application.status import FINAL, Status
from domain.assignment.explanation import WhyNot, WhyNotKind
from domain.assignment.plan import Plan, Teaming
from domain.assignment.policy import Level, Replanning
from domain.assignment.problem import Problem
from domain.election.coverage import Coverage, kept_by
from domain.election.profile import ElectionProfile
from domain.election.profile.keeping import ALWAYS, BY_HAND
from domain.intake.rows import LONGEST_CELL
from domain.values import Frozen
from flows.assignment.plans.explanation import RULE_IN_WORDS
from flows.deployments import DEPLOYMENTS
from flows.documents import load_document, schema_of
from flows.settings import PREFIX, Settings
from notifications.letters import LETTERS

FOLDER: Final = Path(__file__).parent
SOURCE: Final = FOLDER / "source"
PROFILES: Final = FOLDER.parent / "examples" / "profiles"
DEPLOY: Final = SOURCE / "prefect.in.yaml"
NOTE: Final = (
    "<!-- Written by docs/generate.py. Change docs/source/ or the code it describes, then run: make docs -->\n"
)
_WORDS: Final = yaml.safe_load((SOURCE / "words.yaml").read_text("utf-8"))
UNDESCRIBED: Final[Mapping[str, str]] = _WORDS["keys"]
"""Meanings of keys that have no description in their model. One in neither place is shown by its name."""
OF_SETTINGS: Final[Mapping[str, str]] = _WORDS["settings"]
DEFAULTS: Final[Mapping[str, str]] = _WORDS["defaults"]
EXAMPLES: Final[Mapping[str, str]] = _WORDS["examples"]
PLAIN: Final[Mapping[str, str]] = _WORDS["types"]


def rows(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([cell.replace("|", "\\|") for cell in row] for row in body)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def lifecycle() -> str:
    """Return the page about statuses and what moves an application from one to another."""
    return (
        f"# The life of an application\n\n{NOTE}\n"
        "An application has one status at a time. Only the events below move it; everything else is refused. Each\n"
        "event is kept for good, with its time and its author, so the history of a case can be read and recomputed.\n\n"
        "The picture leaves out withdrawal, which is possible from every status that is not final, and events\n"
        f"that leave the status as it is.\n\n```mermaid\n{_diagram()}```\n\n## Statuses\n\n{_statuses()}"
    )


def _diagram() -> str:
    arrows: dict[tuple[str, str], list[str]] = {}
    for (status, kind), target in TRANSITIONS.items():
        if target not in {status, Status.WITHDRAWN}:
            arrows.setdefault((status, _node(target)), []).append(_event(kind))
    drawn = "".join(
        f"    {_id(source)} --> {_id(target)}: {', '.join(events)}\n" for (source, target), events in arrows.items()
    )
    names = "".join(f'    state "{status}" as {_id(status)}\n' for status in Status)
    backs = "".join(f'    state "{_node(back)}" as {_id(_node(back))}\n' for back in Restored)
    ends = "".join(f"    {_id(status)} --> [*]\n" for status in Status if status in FINAL)
    starts = "".join(f"    [*] --> {_id(status)}\n" for status in (Status.HELD, Status.SUBMITTED))
    return f"stateDiagram-v2\n{names}{backs}{starts}{drawn}{ends}"


def _node(target: Status | Restored) -> str:
    return target.value if isinstance(target, Status) else f"({target.value})"


def _id(name: str) -> str:
    return "".join(part for part in name.title() if part.isalpha())


def _event(kind: type[Any]) -> str:
    return str(kind.model_fields["kind"].default).replace("_", " ")


def _statuses() -> str:
    def leaves(status: Status) -> str:
        moves = [(_event(kind), target) for (source, kind), target in TRANSITIONS.items() if source is status]
        return "<br>".join(f"{event} → {'stays' if target is status else target.value}" for event, target in moves)

    body = ((status.value, status.meaning, leaves(status) or "final") for status in Status)
    return rows(("status", "meaning", "what can happen → where it leads"), body)


def profile() -> str:
    """Return the reference of the election profile, one section a model."""
    schema = ElectionProfile.model_json_schema()
    models = {"ElectionProfile": schema, **schema["$defs"]}
    sections = "\n".join(_section(name, models[name]) for name in models if "properties" in models[name])
    lists = "\n".join(_words(name, models[name]) for name in models if "enum" in models[name] and name != "ReasonCode")
    codes = rows(("code", "meaning"), ((code.value, meaning) for code, meaning in REASON.items()))
    return (
        f"# The election profile\n\n{NOTE}\n"
        "One YAML file, `election.yaml`, holds the rules of one election. A complete example is\n"
        "[examples/valdara/package/election.yaml](../examples/valdara/package/election.yaml). Check yours with\n"
        "`accredit profile check election.yaml`: a key that does not exist is refused, the nearest one named.\n\n"
        "An editor that knows JSON Schema checks while you type, with this as the first line of the file:\n"
        "`# yaml-language-server: $schema=profile.schema.json`. The schema is\n"
        "[profile.schema.json](profile.schema.json); `accredit profile schema` prints the same.\n\n"
        "## Who keeps a rule\n\n"
        "The engine keeps every key, but for these. `accredit profile check` names those that\n"
        "a profile sets, and "
        f"[coverage](coverage.md) says the same of every sentence of real laws.\n\n{keepers()}\n"
        f'{sections}\n## Words that may stand in a profile\n\n{lists}\n<a id="reasoncode"></a>\n### Reason codes\n\n'
        f"A profile gives each code that is in force its legal ground; codes it leaves out cannot be used.\n\n{codes}"
    )


def coverage() -> str:
    """Return what of each law its profile covers, sentence by sentence."""
    parts: list[str] = []
    for file in sorted(PROFILES.glob("*.yaml")):
        law, told = load_document(file, ElectionProfile), load_document(PROFILES / "coverage" / file.name, Coverage)
        body = (
            (sentence.says, ", ".join(f"`{key}`" for key in sentence.keys) or sentence.by_hand, kept_by(sentence, law))
            for sentence in told.sentences
        )
        parts.append(f"## {file.name}: {law.election.title}\n\n{rows(('the law says', 'where, or who', 'kept'), body)}")
    return (
        f"# What the example profiles cover\n\n{NOTE}\n"
        "Every sentence that the sources of a profile hold, in our own words: the keys that say it, or who keeps it\n"
        "by hand, or *not covered*. The tables are research notes, not legal advice. They lie beside the profiles in\n"
        "[examples/profiles/coverage](../examples/profiles/coverage); a table of your own, in a folder `coverage`\n"
        "beside your profile and under its name, is read by `accredit profile check`.\n\n"
    ) + "\n".join(parts)


def keepers() -> str:
    """Return the keys that the engine keeps anyway, and those that people keep."""
    body = (
        (f"`{key}`", told, title)
        for title, keys in (("the engine, whatever is said", ALWAYS), ("by hand", BY_HAND))
        for key, told in keys.items()
    )
    return rows(("key", "what is done", "kept"), body)


def _section(name: str, model: Mapping[str, Any]) -> str:
    required = set(model.get("required", ()))
    body = (
        (f"`{key}`", _type(field), "**needed**" if key in required else _default(field), _meaning(name, key, field))
        for key, field in model["properties"].items()
    )
    title = "The file" if name == "ElectionProfile" else name
    about = model.get("description", "").split("\n\n")[0].replace("\n", " ").replace("``", "`")
    table = rows(("key", "type", "default", "meaning"), body)
    return f'<a id="{name.lower()}"></a>\n## {title}\n\n{about}\n\n{table}'


def _words(name: str, model: Mapping[str, Any]) -> str:
    about = model.get("description", "").split("\n\n")[0].replace("\n", " ")
    return f'<a id="{name.lower()}"></a>\n### {name}\n\n{about}\n\n{", ".join(f"`{word}`" for word in model["enum"])}\n'


def _meaning(model: str, key: str, field: Mapping[str, Any]) -> str:
    said = str(field.get("description") or UNDESCRIBED.get(f"{model}.{key}") or key.replace("_", " "))
    text = " ".join(said.split())
    limits = [f"at least {field['minimum']}"] if "minimum" in field else []
    limits += [f"at most {field['maximum']}"] if "maximum" in field else []
    return f"{text} ({', '.join(limits)})" if limits else text


def _type(field: Mapping[str, Any]) -> str:
    match field:
        case {"$ref": reference}:
            name = str(reference).rsplit("/", 1)[-1]
            text = f"[{name}](#{name.lower()})"
        case {"anyOf": choices}:
            text = ", or ".join("unset" if choice.get("type") == "null" else _type(choice) for choice in choices)
        case {"enum": words}:
            text = ", ".join(f"`{word}`" for word in words)
        case {"type": "array", "items": one}:
            text = f"list of {_type(one)}"
        case {"type": "object", "additionalProperties": value, **rest}:
            text = f"for each {_type({'type': 'string'} | rest.get('propertyNames', {}))}: {_type(value)}"
        case {"patternProperties": values, "propertyNames": {"description": name}}:
            text = f"for each name ({name}): {', or '.join(map(_type, values.values()))}"
        case {"type": "object", "patternProperties": values}:
            text = f"for each code: {', or '.join(map(_type, values.values()))}"
        case {"type": "array", "prefixItems": parts}:
            text = f"{len(parts)} of {_type(parts[0])}"
        case _:
            text = PLAIN[str(field.get("format", field["type"]))]
    return text


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    match value:
        case {**_members}:
            return "as in its section" if _members else "none"
        case None | "" | []:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case float():
            return f"`{value:.3g}`"
        case [*parts]:
            return ", ".join(f"`{part}`" for part in parts)
        case _:
            return f"`{value}`"


def nominations() -> str:
    """Return the page about nominations files."""
    body = ((f"`{column}`", meaning, f"`{EXAMPLES[column]}`") for column, meaning in COLUMNS.items())
    needed = ElectionProfile.model_fields["required_fields"].default
    documents = ", ".join(f"`{kind.value}`" for kind in DocumentKind)
    text = (SOURCE / "nominations.in.md").read_text("utf-8")
    for mark, value in {
        "{note}": NOTE, "{columns}": rows(("column", "what stands in it", "example"), body),
        "{required}": ", ".join(f"`{name}`" for name in needed), "{longest}": str(LONGEST_CELL),
        "{documents}": documents,
    }.items():  # fmt: skip
        text = text.replace(mark, value)
    return text


def assignment() -> str:
    """Return the page about deployment plans and the planner's files."""
    text = (SOURCE / "assignment.in.md").read_text("utf-8").replace("{note}", NOTE)
    told: set[str] = set()
    reasons = rows(("word", "meaning"), ((f"`{word}`", said) for word, said in RULE_IN_WORDS.items()))
    text = text.replace("{reasons}\n", reasons)
    formats: dict[str, type[Frozen]] = {"problem": Problem, "plan": Plan, "answer": WhyNot, "teams": Teaming}
    for mark, model in formats.items():
        schema = model.model_json_schema()
        models = {name: one for name, one in {model.__name__: schema, **schema["$defs"]}.items() if name not in told}
        told |= models.keys()
        sections = [_section(name, one) for name, one in models.items() if "properties" in one]
        sections += [_choices(kind) for kind in (Level, Replanning, WhyNotKind) if kind.__name__ in models]
        text = text.replace(
            f"{{{mark}}}",
            "\n".join(sections)
            .replace("``None``", "`null`")
            .replace("``", "`")
            .replace("\n## ", "\n#### ")
            .replace("\n### ", "\n#### "),
        )
    return text


def _choices(kind: type[Level | Replanning | WhyNotKind]) -> str:
    """Return the words of *kind*, each with what stands below it in the source."""
    said = dict(_attribute_docstrings(kind))
    table = rows(("word", "meaning"), ((f"`{one.value}`", said[one.name]) for one in kind))
    return f'<a id="{kind.__name__.lower()}"></a>\n### {kind.__name__}\n\n{kind.__doc__}\n\n{table}'


def letters() -> str:
    """Return the page about the letters there are."""
    steps = "".join(path.read_text("utf-8") for path in sorted((FOLDER.parent / "flows").rglob("*.py")))
    body = (
        (kind.value.replace("_", " "), " ".join(str(letter.__doc__).split()))
        for kind, letter in LETTERS.items()
        if f"{letter.__name__}(" in steps
    )
    text = (SOURCE / "letters.in.md").read_text("utf-8").replace("{note}", NOTE)
    return text.replace("{letters}", rows(("letter", "what it says"), body))


def settings_table() -> str:
    """Return the table of every setting of the environment."""
    said = dict(_attribute_docstrings(Settings)) | dict(OF_SETTINGS)
    body = (
        (f"`{PREFIX}{name.upper()}`", DEFAULTS.get(name) or _plain(field.default), said[name])
        for name, field in Settings.model_fields.items()
    )
    return rows(("variable", "default", "meaning"), body)


def _attribute_docstrings(model: type) -> Iterator[tuple[str, str]]:
    """Yield what stands below each field of *model* in the source."""
    body = ast.parse(inspect.getsource(model)).body[0]
    members = body.body if isinstance(body, ast.ClassDef) else []
    for member, following in pairwise(members):
        match member, following:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split()).replace("``", "`")
            case _:
                pass


def _plain(value: object) -> str:
    return (
        "none"
        if value is None or value == ""
        else f"`{value}`"
        if not isinstance(value, bool)
        else "`true`"
        if value
        else "`false`"
    )


def settings_page() -> str:
    """Return the page about settings."""
    text = (SOURCE / "settings.in.md").read_text("utf-8")
    return text.replace("{note}", NOTE).replace("{settings}", settings_table())


def architecture() -> str:
    """Return the page about the tree of the code."""
    tree = runpy.run_path(str(FOLDER / "tree.py"))
    text = (SOURCE / "architecture.in.md").read_text("utf-8")
    for mark, value in {
        "{note}": NOTE, "{statuses}": str(len(Status)),
        "{folders}\n": rows(("folder", "what lives there"), ((f"`{name}/`", said) for name, said in tree["folders"]())),
        "{modules}\n": rows(("module", "what it holds"), ((f"`{name}`", said) for name, said in tree["modules"]())),
        "{contracts}\n": "".join(f"- {name}\n" for name in _contracts()),
        "{decisions}\n": rows(("record", "date", "status"), _decisions()),
    }.items():  # fmt: skip
        text = text.replace(mark, value)
    return text


def _contracts() -> Iterator[str]:
    """Yield the names of the import contracts."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
    yield from (contract["name"] for contract in project["tool"]["importlinter"]["contracts"])


def _decisions() -> Iterator[tuple[str, str, str]]:
    """Yield every decision: its title with a link, its date and its status."""
    for path in sorted((FOLDER / "decisions").glob("*.md")):
        title, _, about = path.read_text("utf-8").split("\n", maxsplit=3)[:3]
        date, _, status = about.partition(" · ")
        link = f"[{title.removeprefix('# ')}](decisions/{path.name})"
        plain = status.removeprefix("Status: ").replace("](0", "](decisions/0")
        yield link, date.removeprefix("Date: "), plain


def prefect_yaml() -> str:
    """Return the list of deployments as ``prefect deploy`` reads it."""
    listed = [deployed.declared for deployed in DEPLOYMENTS]
    entries = (yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=120) for entry in listed)
    return DEPLOY.read_text("utf-8") + "\n".join(entries)


def pages() -> dict[str, str]:
    """Return every generated file by its path below docs/."""
    return {
        "lifecycle.md": lifecycle(),
        "profile.md": profile(),
        "profile.schema.json": json.dumps(schema_of(ElectionProfile), ensure_ascii=False, indent=2) + "\n",
        "coverage.md": coverage(),
        "nominations.md": nominations(),
        "assignment.md": assignment(),
        "letters.md": letters(),
        "../prefect.yaml": prefect_yaml(),
        "operating/settings.md": settings_page(),
        "architecture.md": architecture(),
        "pictures/architecture.svg": runpy.run_path(str(FOLDER / "tree.py"))["picture"](),
    }


if __name__ == "__main__":
    for file, content in pages().items():
        (FOLDER / file).write_text(content, "utf-8")
