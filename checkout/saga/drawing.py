"""A definition as a Mermaid diagram: drawn from the steps themselves."""

from itertools import pairwise

from checkout.saga.definition import Definition, Kind, Step


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
            "Boxes are local steps, each one transaction; rounded ones call the",
            "outside. A frame is a link: its steps ride in one message. Dotted lines",
            "are the way back; behind the thick one there is none.",
            "",
            "| step | kind | link | undo |",
            "|---|---|---|---|",
            *(_row(step) for step in definition.steps),
            "",
        ]
    )


def _lines(definition: Definition) -> list[str]:
    steps = definition.steps
    lines = ["flowchart LR", "  begin([begin]) --> " + steps[0].name]
    for link in definition.links:
        lines.append(f'  subgraph {link.replace(".", "_")}["{link}"]')
        lines += [f"    {_box(step)}" for step in steps if step.link == link]
        lines.append("  end")
    for one, following in pairwise(steps):
        arrow = "== only forward ==>" if one.pivot else "-->"
        lines.append(f"  {one.name} {arrow} {following.name}")
    lines.append(f"  {steps[-1].name} --> finished([done])")
    return [*lines, *_way_back(steps)]


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
    return f'{step.name}["{text}"]' if _is_local(step) else f'{step.name}("{text}")'


def _row(step: Step) -> str:
    kind = f"{step.kind.value}, the pivot" if step.pivot else step.kind.value
    undo = "yes" if step.undo else "none"
    return f"| `{step.name}` | {kind} | `{step.link}` | {undo} |"


def _is_local(step: Step) -> bool:
    return step.kind is Kind.LOCAL
