"""A definition as a Mermaid diagram."""

from collections.abc import Iterator
from itertools import pairwise

from saga.definition import Definition
from saga.results import END
from saga.step import Kind, Step


def page(definition: Definition) -> str:
    """Return the definition's page for ``docs/diagrams/``."""
    return "\n".join(
        [
            f"# {definition.name}, version {definition.version}",
            "",
            "Written by `manage.py saga_diagram`; change the definition instead.",
            "",
            "```mermaid",
            *_lines(definition),
            "```",
            "",
            "A box is a local step, which is one transaction. A rounded box is a step",
            "that calls the outside. A frame is a link: its steps run in one message.",
            "Dotted arrows are compensation. Behind the thick arrow there is none.",
            *_legend(definition),
            "",
            "| step | kind | link | undo |",
            "|---|---|---|---|",
            *(_row(step) for step in definition.steps),
            "",
        ]
    )


def _legend(definition: Definition) -> list[str]:
    """Explain the shapes that only some definitions have."""
    steps = definition.steps
    lines = []
    if definition.branches:
        lines.append("Branches run in parallel and end before the saga ends.")
    if any(step.choices for step in steps):
        lines.append("A step with several arrows chooses where the saga goes on.")
    if any(step.over for step in steps):
        lines.append("A box with double sides waits for a saga of each item.")
    if any(step.approval for step in steps):
        lines.append("A hexagon waits for the decision of a person.")
    return lines


def outline(definition: Definition) -> list[str]:
    """Return the steps as text. Stored sagas of this version depend on them."""
    after = {branch.name: branch.after for branch in definition.branches}
    lines = []
    for step in definition.steps:
        parts = [step.kind.value]
        parts += ["the pivot"] if step.pivot else []
        parts += ["undone"] if step.undo else []
        parts += (
            [f"in branch {step.branch} after {after[step.branch]}"]
            if step.branch
            else []
        )
        parts += [f"once {alias}" for alias in step.aliases]
        parts += [f"or {name}" for name in step.choices]
        parts += [f"for each {step.over.definition}"] if step.over else []
        parts += [f"approved with {step.approval.permission}"] if step.approval else []
        lines.append(f"{step.name}: {', '.join(parts)}")
    return lines


def _lines(definition: Definition) -> list[str]:
    main_path = definition.along("")
    lines = ["flowchart LR", "  begin([begin]) --> " + main_path[0].name]
    for link in definition.links:
        lines.append(f'  subgraph {link.replace(".", "_")}["{link}"]')
        lines += [f"    {_box(step)}" for step in definition.steps if step.link == link]
        lines.append("  end")
    pivots = {step.name for step in definition.steps if step.pivot}
    for one, following in _arrows(definition):
        arrow = "== only forward ==>" if one in pivots else "-->"
        lines.append(f"  {one} {arrow} {following}")
    lines += _choices(definition)
    if definition.branches:
        lines.append("  joined --> finished([done])")
    return [*lines, *_way_back(main_path)]


def _choices(definition: Definition) -> Iterator[str]:
    """Yield the arrows to steps that may be chosen, and are not the next anyway."""
    for step in definition.steps:
        following = definition.after(step.name)
        for name in step.choices:
            if following is None or following.name != name:
                to = _end(definition) if name == END else name
                yield f"  {step.name} -- or --> {to}"


def _end(definition: Definition) -> str:
    return "joined" if definition.branches else "finished"


def _arrows(definition: Definition) -> Iterator[tuple[str, str]]:
    """Yield the arrows of the main path, of branches, and of where those join it."""
    main_path = definition.along("")
    names = [step.name for step in main_path]
    end = "joined{{all ended}}" if definition.branches else "finished([done])"
    yield from pairwise([*names, end])
    pivot = next((step for step in main_path if step.pivot), None)
    early = definition.joined_before(pivot) if pivot else []
    for branch in definition.branches:
        along = [step.name for step in definition.along(branch.name)]
        join = pivot.name if pivot and branch in early else "joined"
        if not along:
            continue
        yield from pairwise([definition.step(branch.after).name, *along, join])


def _way_back(steps: tuple[Step, ...]) -> list[str]:
    """Draw from the pivot back over every step that has an undo."""
    pivot = next((n for n, step in enumerate(steps) if step.pivot), len(steps) - 1)
    undoable = [step.name for step in reversed(steps[: pivot + 1]) if step.undo]
    stations = [*undoable, "undone([undone])"]
    if not undoable or undoable[0] != steps[pivot].name:
        stations.insert(0, steps[pivot].name)
    return [f"  {one} -. undo .-> {earlier}" for one, earlier in pairwise(stations)]


def _box(step: Step) -> str:
    text = f"{step.name}<br/>the pivot" if step.pivot else step.name
    if step.over:
        each, at_once = step.over.definition, step.over.at_once
        return f'{step.name}[["{text}<br/>each {each}, {at_once} at once"]]'
    if step.approval:
        return f'{step.name}{{{{"{text}"}}}}'
    return f'{step.name}["{text}"]' if _is_local(step) else f'{step.name}("{text}")'


def _row(step: Step) -> str:
    kind = step.kind.value
    kind += ", the pivot" if step.pivot else ""
    kind += f", branch {step.branch}" if step.branch else ""
    kind += (
        f", a saga [{step.over.definition}]({step.over.definition}.md) for each item"
        if step.over
        else ""
    )
    kind += f", decided with `{step.approval.permission}`" if step.approval else ""
    undo = "yes" if step.undo else "none"
    return f"| `{step.name}` | {kind} | `{step.link}` | {undo} |"


def _is_local(step: Step) -> bool:
    return step.kind is Kind.LOCAL
